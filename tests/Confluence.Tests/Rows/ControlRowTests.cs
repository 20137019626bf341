using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace A2A.Micro.Confluence.Tests.Rows;

/// <summary>Commands, checkpoints and reports (requirements 8, 19 to 23, 28, 76, 78, 91, 93).</summary>
public sealed class ControlRowTests(RowWorld world) : RowTests(world)
{
    [Fact]
    [Trait("Requirement", "19")]
    [Trait("Requirement", "20")]
    [Trait("Requirement", "22")]
    [Trait("Requirement", "93")]
    public async Task A_paused_task_goes_on_from_its_checkpoint_and_every_command_is_answered_once()
    {
        await Submit(new { task_id = "p-steps", task_type = "row.steps", parameters = new { } });
        _ = await Until("p-steps", task => task.TryGetProperty("progress", out var done) && done.GetDouble() >= 0.3, "has come to its gate");

        var pause = await Give("p-steps", "pause", new { reason = "lunch", command_id = "p-pause" });
        var paused = await Until("p-steps", "paused");
        var again = await Give("p-steps", "pause", new { reason = "lunch", command_id = "p-pause" });
        var resume = await Give("p-steps", "resume", new { command_id = "p-resume" });
        var task = await Ended("p-steps");

        Assert.Equal(("applied", "applied", "applied"), (pause, again, resume));
        Assert.Equal("lunch", Text(paused, "reason"));
        Assert.Equal((2, "[3,4,5,6,7,8,9]"), (task.GetProperty("attempt").GetInt32(), task.GetProperty("result").GetProperty("done").GetRawText()));
        Assert.Equal(("applied", "pause", "p-steps"), await Command("p-pause"));
        var given = (await Get("/v1/tasks/p-steps/commands")).GetProperty("commands").EnumerateArray().Select(one => Text(one, "command_id"));
        Assert.Equal(["p-pause", "p-resume"], given.Order());
        // They go another way than the end of the task, which may overtake them.
        var partials = await Eventually.Seen(
            async _ => (await Get("/v1/tasks/p-steps/partials")).GetProperty("partials").EnumerateArray().ToList(),
            seen => seen.Count(one => Text(one, "attempt") == "2") >= 7, "all of the second attempt are there");
        Assert.Equal(Enumerable.Range(1, 7).Select(number => $"{number}"),
            partials.Where(one => Text(one, "attempt") == "2").Select(one => Text(one, "number")).Order());
        Assert.Contains(partials, one => (Text(one, "attempt"), Text(one, "resume_token")) == ("1", "3"));
    }

    [Fact]
    [Trait("Requirement", "93")]
    [Trait("Requirement", "94")]
    public async Task An_attempt_after_a_failure_starts_from_the_last_token()
    {
        await Submit(new { task_id = "f-steps", task_type = "row.steps", parameters = new { mode = "fail" } });
        var task = await Ended("f-steps");
        Assert.Equal(("2", "[3,4,5,6,7,8,9]"), (Text(task, "attempt"), task.GetProperty("result").GetProperty("done").GetRawText()));
    }

    [Fact]
    [Trait("Requirement", "19")]
    public async Task A_task_that_waits_pauses_without_an_agent()
    {
        await Submit(new { task_id = "p-queued", task_type = "row.nobody-yet" });
        _ = await Until("p-queued", "queued");
        Assert.Equal("applied", await Give("p-queued", "pause", new { }));
        _ = await Until("p-queued", "paused");
        Assert.Equal("applied", await Give("p-queued", "resume", new { }));
        Assert.Equal("queued", Text(await Until("p-queued", "queued"), "state"));
    }

    [Fact]
    [Trait("Requirement", "21")]
    [Trait("Requirement", "28")]
    [Trait("Requirement", "8")]
    public async Task A_cancel_reaches_the_agent_and_nothing_that_comes_later_counts()
    {
        await Submit(new { task_id = "c-wait", task_type = "row.wait" });
        _ = await Until("c-wait", "running");
        Assert.Equal(HttpStatusCode.Accepted, (await Report("c-wait", "echo", 1, 0.45)).Status);
        var seen = await Until("c-wait", task => Text(task, "progress") == "0.45", "shows its progress");
        Assert.Equal(("75.5", "45"), (Text(seen, "metrics", "cpu_usage"), Text(seen, "progress_percentage")));
        Assert.Equal(HttpStatusCode.Conflict, (await Report("c-wait", "somebody", 1, 0.5)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Report("c-wait", "echo", 0, 0.5)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Report("c-wait", "echo", 1, 1.5)).Status);

        Assert.Equal("applied", await Give("c-wait", "cancel", new { command_id = "c-cancel", reason = "not wanted" }));

        var task = await Ended("c-wait");
        Assert.Equal(("cancelled", "not wanted"), (Text(task, "state"), Text(task, "reason")));
        Assert.Equal(HttpStatusCode.Conflict, (await Post("/v1/messages", new
        {
            message_type = "task.result",
            payload = new { task_id = "c-wait", status = "completed", attempt = 1, executor_agent_id = "echo", result = new { late = true } },
        })).Status);
        Assert.Equal(Text(task, "version"), Text(await Task("c-wait"), "version"));
        _ = await Eventually.Seen(_ => Get("/v1/agents/echo"), agent => !agent.GetProperty("tasks").ToString().Contains("c-wait", StringComparison.Ordinal),
            "its room is given back", agent => agent.ToString());
    }

    [Fact]
    [Trait("Requirement", "23")]
    public async Task A_command_that_cannot_be_is_rejected_with_its_reason()
    {
        await Submit(new { task_id = "r-done", task_type = "row.echo" });
        _ = await Ended("r-done");

        var (late, problem) = await Post("/v1/tasks/r-done/pause", new { command_id = "r-pause" });
        var (unknown, missing) = await Post("/v1/tasks/r-nobody/pause", new { });

        Assert.Equal((HttpStatusCode.Conflict, "CONFLICT"), (late, Text(problem, "code")));
        Assert.Equal((HttpStatusCode.NotFound, "NOT_FOUND"), (unknown, Text(missing, "code")));
        Assert.Equal(("rejected", "pause", "r-done"), await Command("r-pause"));
    }

    [Fact]
    [Trait("Requirement", "19")]
    public async Task What_is_changed_in_a_task_that_waits_does_not_hide_why_it_waits()
    {
        await Submit(new { task_id = "a-later", task_type = "row.echo", not_before = In(3600) });
        await Submit(new { task_id = "a-queued", task_type = "row.nobody-knows" });
        var later = await Until("a-later", "blocked");
        var queued = await Until("a-queued", task => Text(task, "waiting", "code") == "NO_AGENT_FOR_TYPE", "says why");

        foreach (var id in (string[])["a-later", "a-queued"])
        {
            using var answer = await Http.PatchAsync(new Uri("/v1/tasks/" + id, UriKind.Relative), JsonContent.Create(new { metadata = new { x = 1 } }));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        foreach (var before in new[] { later, queued })
        {
            var task = await Until(Text(before, "task_id"), task => Text(task, "metadata", "x") == "1", "is changed");
            Assert.Equal(Text(before, "waiting", "code"), Text(task, "waiting", "code"));
            Assert.Equal(Text(before, "waiting", "sentence"), Text(task, "waiting", "sentence"));
        }
    }

    [Fact]
    [Trait("Requirement", "76")]
    public async Task Progress_with_its_text_is_shown_and_is_in_the_history()
    {
        await Submit(new { task_id = "h-tells", task_type = "row.wait", parameters = new { tells = "a quarter" } });
        var task = await Until("h-tells", task => Text(task, "progress_message") == "a quarter", "tells");
        Assert.Equal(("0.25", "25"), (Text(task, "progress"), Text(task, "progress_percentage")));
        RowWorld.Open("h-tells");
        Assert.Equal("100", Text(await Ended("h-tells"), "progress_percentage"));
        var story = (await Get("/v1/tasks/h-tells/events?after=0&limit=200")).GetProperty("changes").EnumerateArray();
        Assert.Contains(story, change => (Text(change, "progress"), Text(change, "progress_message")) == ("0.25", "a quarter"));
    }

    [Fact]
    [Trait("Requirement", "78")]
    [Trait("Requirement", "91")]
    public async Task A_submitter_waits_in_the_call_and_when_its_time_is_over_the_task_goes_on_or_not()
    {
        var (done, result) = await Post("/v1/tasks?wait=20s", new { task_type = "row.echo" });
        var (open, receipt) = await Post("/v1/tasks?wait=1", new { task_id = "w-on", task_type = "row.wait" });
        var (gone, given) = await Post("/v1/tasks?wait=1&on_timeout=cancel", new { task_id = "w-off", task_type = "row.wait" });

        Assert.Equal((HttpStatusCode.OK, "completed"), (done, Text(result, "state")));
        Assert.Equal((HttpStatusCode.Accepted, ""), (open, Text(receipt, "cancel_requested")));
        Assert.Equal((HttpStatusCode.Accepted, "True"), (gone, Text(given, "cancel_requested")));
        Assert.Equal("cancelled", Text(await Ended("w-off"), "state"));
        Assert.Equal("running", Text(await Task("w-on"), "state"));
        RowWorld.Open("w-on");
        Assert.Equal("completed", Text(await Ended("w-on"), "state"));
    }

    [Fact]
    [Trait("Requirement", "20")]
    public async Task A_failed_task_is_gone_on_with_as_a_new_one_and_a_question_is_answered()
    {
        await Submit(new { task_id = "s-fail", task_type = "row.steps", parameters = new { mode = "fail" }, retry = new { max_attempts = 1 } });
        Assert.Equal("failed", Text(await Ended("s-fail"), "state"));
        var (_, resumed) = await Post("/v1/tasks/s-fail/resume?wait=10", new { });
        var next = Text(resumed, "new_task_id");
        var task = await Ended(next);
        Assert.Equal("s-fail", Text(task, "replay_of"));
        Assert.StartsWith("[3,", task.GetProperty("result").GetProperty("done").GetRawText(), StringComparison.Ordinal);

        await Submit(new { task_id = "s-ask", task_type = "row.ask" });
        Assert.Equal("Which colour?", Text(await Until("s-ask", "input_required"), "question", "question"));
        Assert.Equal("applied", await Give("s-ask", "input", new { input = "blue" }));
        Assert.Equal("blue", Text(await Ended("s-ask"), "result"));
    }

    private async Task<string> Give(string id, string verb, object body)
    {
        var (status, answer) = await Post($"/v1/tasks/{id}/{verb}?wait=20s", body);
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
        return Text(answer, "status");
    }

    private Task<(HttpStatusCode Status, JsonElement Answer)> Report(string id, string agent, int attempt, double progress) => Post("/v1/messages", new
    {
        message_type = "task.status",
        payload = new
        {
            task_id = id,
            status = "running",
            progress,
            metrics = new { cpu_usage = 75.5, memory_usage = 12.8, throughput = 1000 },
            attempt,
            executor_agent_id = agent,
        },
    });

    private async Task<(string Status, string Command, string TaskId)> Command(string id)
    {
        var command = await Get("/v1/commands/" + id);
        return (Text(command, "status"), Text(command, "command"), Text(command, "task_id"));
    }
}
