using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>What submitters live through, over HTTP, with every part a process of its own.</summary>
public sealed class JourneyTests(Studio studio) : StudioTests(studio)
{
    // Longer than any of these tests waits for it.
    private const int EndlessRows = 16_000;

    [Fact]
    public async Task A_running_task_stops_when_it_is_cancelled_and_frees_its_room()
    {
        var id = await System.SubmitId(Caller.Picture(EndlessRows));
        _ = await System.Until(id, "running");

        using var answer = await System.Http.PostAsJsonAsync($"/v1/tasks/{id}/cancel", new { reason = "changed my mind" });
        // An agent that obeys at once may be done before the answer is written.
        Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.OK, $"{answer.StatusCode}");
        var task = await System.Ended(id);

        Assert.Equal("cancelled", task.Text("state"));
        var asked = (await System.History(id)).First(change => change.Text("phase") == "cancelling").Time("at");
        // The agent obeyed; the Scheduler did not have to give it up, which it does after ten seconds.
        Assert.InRange(task.Time("ended_at") - asked, TimeSpan.Zero, TimeSpan.FromSeconds(8));
        await System.NothingIsLeft();
        Assert.Empty(Directory.EnumerateFiles(System.Output, $"*{id}*"));
    }

    [Fact]
    public async Task A_task_that_has_ended_cannot_be_cancelled()
    {
        var id = await System.SubmitId(Caller.Small());
        _ = await System.Ended(id);

        using var answer = await System.Http.PostAsync($"/v1/tasks/{id}/cancel", null);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal(("TASK_NOT_CANCELABLE", "completed"), (problem.Text("code"), problem.Text("state")));
        Assert.Equal("completed", (await System.Get("/v1/tasks/" + id)).Text("state"));
    }

    [Fact]
    public async Task A_task_whose_deadline_passes_expires()
    {
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(5);
        var id = await System.SubmitId(Caller.Picture(EndlessRows, deadline: deadline));
        var task = await System.Ended(id);

        Assert.Equal(("expired", "DEADLINE_EXCEEDED"), (task.Text("state"), task.GetProperty("error").Text("code")));
        Assert.True(task.Time("ended_at") >= task.Time("deadline"), task.ToString());
        await System.NothingIsLeft();
    }

    [Fact]
    public async Task The_submission_of_the_protocol_guide_waits_visibly_until_somebody_can_do_it()
    {
        var id = await System.SubmitId(JsonSerializer.Deserialize<JsonElement>("""
            {
              "task_id": "task-123e4567-e89b",
              "type": "data_processing",
              "priority": 1,
              "deadline": "2124-03-21T15:00:00Z",
              "requirements": { "cpu_cores": 4, "memory_gb": 16.0, "storage_gb": 100.0 },
              "dependencies": [],
              "metadata": { "source": "user_request", "batch_id": "batch-789" }
            }
            """));
        var task = await System.Until(id, "queued");

        Assert.Equal("task-123e4567-e89b", id);
        Assert.Equal(("data_processing", "low"), (task.Text("task_type"), task.Text("priority_name")));
        Assert.NotEmpty(task.GetProperty("waiting").Text("code"));
        Assert.Contains("data_processing", task.GetProperty("waiting").Text("sentence"), StringComparison.Ordinal);
        Assert.Equal("batch-789", task.GetProperty("metadata").Text("batch_id"));
        using var cancel = await System.Http.PostAsync($"/v1/tasks/{id}/cancel", null);
        Assert.Equal(HttpStatusCode.OK, cancel.StatusCode);
        Assert.Equal("cancelled", (await System.Ended(id)).Text("state"));
    }

    [Theory]
    [InlineData("analyst-a")]
    [InlineData("analyst-b")]
    public async Task A_task_for_one_agent_is_done_by_that_agent(string agent)
    {
        var task = await System.Ended(await System.SubmitId(new
        {
            task_type = "data.analysis",
            responder_agent_id = agent,
            parameters = new { dataset_path = "small.csv" },
        }));
        Assert.Equal(("completed", agent, "direct"), (task.Text("state"), task.Text("agent_id"), task.Text("mode")));
    }

    [Fact]
    public async Task The_same_submission_again_is_the_same_task_and_another_one_under_its_id_a_conflict()
    {
        var id = "twice-" + Guid.CreateVersion7();
        var first = await System.Submit(Caller.Small(id));
        using var again = await System.Http.PostAsJsonAsync("/v1/tasks", Caller.Small(id));
        using var other = await System.Http.PostAsJsonAsync("/v1/tasks", Caller.Small(id, requester: "somebody"));

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(first.ToString(), (await again.Content.ReadFromJsonAsync<JsonElement>()).ToString());
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        var task = await System.Ended(id);
        Assert.Equal(("completed", 1), (task.Text("state"), task.Whole("attempt")));
    }

    [Fact]
    public async Task A_submitter_who_waits_gets_the_result_with_the_answer()
    {
        using var ask = new HttpRequestMessage(HttpMethod.Post, "/v1/tasks") { Content = JsonContent.Create(Caller.Small()) };
        ask.Headers.Add("Prefer", "wait=25");
        using var answer = await System.Http.SendAsync(ask);
        var task = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("wait=25", Assert.Single(answer.Headers.GetValues("Preference-Applied")));
        Assert.Equal("completed", task.Text("state"));
        Assert.Equal(3, task.GetProperty("result").Whole("rows"));
    }

    [Fact]
    public async Task A_stream_follows_a_task_to_its_end_and_goes_on_after_a_break_where_it_was()
    {
        var id = await System.SubmitId(Caller.Picture(60));
        var seen = await Stream(id, null);
        var history = await System.History(id);
        var last = history.Count;

        Assert.Equal("task", seen[0].Type);
        Assert.Equal("completed", seen[^1].Data.Text("state"));
        // From the first word on: every version, in order, none twice.
        var first = long.Parse(seen[0].Id);
        Assert.Equal(Enumerable.Range((int)first, last - (int)first + 1).Select(n => $"{n}"), seen.Select(one => one.Id));

        var rest = await Stream(id, "2");
        Assert.Equal(history.Skip(2).Select(change => change.ToString()), rest.Select(one => one.Data.ToString()));
        using var nothing = await Ask(id, $"{last}");
        Assert.Equal(HttpStatusCode.NoContent, nothing.StatusCode);
    }

    [Fact]
    public async Task A_list_holds_what_its_filters_ask_for_page_by_page()
    {
        var requester = "lister-" + Guid.CreateVersion7();
        var mine = new List<string>();
        for (var n = 0; n < 5; n++) { mine.Add(await System.SubmitId(Caller.Small(requester: requester))); }
        foreach (var id in mine) { _ = await System.Ended(id); }

        var found = new List<string>();
        for (string? cursor = null; cursor != "";)
        {
            var next = cursor is null ? "" : "&cursor=" + cursor;
            var page = await System.Get($"/v1/tasks?status=completed&type=data.*&requester={requester}&limit=2{next}");
            found.AddRange(page.GetProperty("tasks").EnumerateArray().Select(task => task.Text("task_id")));
            cursor = page.Text("next_cursor");
        }

        Assert.Equal(mine.Order(), found.Order());
        var others = await System.Get($"/v1/tasks?status=failed,running&requester={requester}");
        Assert.Empty(others.GetProperty("tasks").EnumerateArray());
    }

    private async Task<IReadOnlyList<(string Type, string Id, JsonElement Data)>> Stream(string id, string? lastEventId)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90), TimeProvider.System);
        using var answer = await Ask(id, lastEventId);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var events = SseParser.Create(await answer.Content.ReadAsStreamAsync(limit.Token));
        var all = new List<(string, string, JsonElement)>();
        await foreach (var one in events.EnumerateAsync(limit.Token))
        {
            all.Add((one.EventType, events.LastEventId, JsonSerializer.Deserialize<JsonElement>(one.Data)));
        }

        return all;
    }

    private async Task<HttpResponseMessage> Ask(string id, string? lastEventId)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, $"/v1/tasks/{id}/events");
        if (lastEventId is not null) { ask.Headers.Add("Last-Event-ID", lastEventId); }
        return await System.Http.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead);
    }
}
