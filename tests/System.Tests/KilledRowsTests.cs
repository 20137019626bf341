using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RabbitMQ.Client;

namespace A2A.Micro.System.Tests;

/// <summary>
/// What a task says about itself (requirements 8, 9, 11, 12, 14, 15, 71, 76, 77, 87, 92, 96, 99) and what was commanded (22, 23) is still so after every
/// service was killed at once while all of it was under way or waited for its time.
/// </summary>
[Trait("Requirement", "8")]
[Trait("Requirement", "9")]
[Trait("Requirement", "11")]
[Trait("Requirement", "12")]
[Trait("Requirement", "14")]
[Trait("Requirement", "15")]
[Trait("Requirement", "22")]
[Trait("Requirement", "23")]
[Trait("Requirement", "71")]
[Trait("Requirement", "76")]
[Trait("Requirement", "77")]
[Trait("Requirement", "87")]
[Trait("Requirement", "92")]
[Trait("Requirement", "96")]
[Trait("Requirement", "99")]
public sealed class KilledRowsTests(Studio studio) : StudioTests(studio)
{
    private static readonly string[] Services = ["Gateway", "Scheduler", "ResourceManager", "StateSync"];

    private const string Run = "rows";

    [Fact]
    public async Task Whatever_a_task_says_holds_after_every_service_was_killed()
    {
        var now = TimeProvider.System.GetUtcNow();
        object parameters = new { width = 16, height = 16, prompt = "grüß 世界 🙂" };
        object metadata = new { workflow_id = "wf-" + Run, n = 7 };
        var named = new { task_id = Id("named"), task_type = "image.generation", responder_agent_id = "painter-b", parameters, metadata };
        _ = await System.Submit(named);
        _ = await System.Ended(Id("named"));
        _ = await System.Submit(new { task_id = Id("later"), task_type = "image.generation", not_before = now.AddSeconds(20), parameters });
        _ = await System.Submit(Waits("late", deadline: now.AddSeconds(15)));
        _ = await System.Submit(Waits("raised"));
        _ = await System.Submit(Waits("held"));
        await Publish(new { task_id = Id("by-bus"), task_type = "image.generation", priority = 1, not_before = now.AddSeconds(20), parameters });
        _ = await Eventually.Seen(_ => Status(Id("by-bus")), status => status == HttpStatusCode.OK, "it is known");
        _ = await System.Submit(Caller.Picture(300, Id("drawn"), deadline: now.AddMinutes(10)));
        var begun = await System.Until(Id("drawn"), task => task.GetProperty("progress").GetDouble() > 0, "is underway");
        _ = await System.Until(Id("raised"), "queued");
        using (var patch = await System.Http.PatchAsJsonAsync("/v1/tasks/" + Id("raised"), new { priority = "critical" }))
        {
            Assert.True(patch.IsSuccessStatusCode, await patch.Content.ReadAsStringAsync());
        }

        Assert.Equal("applied", (await System.Give(Id("held"), "hold", new { command_id = "hold-" + Run, reason = "not yet" })).Text("status"));

        await Task.WhenAll(Services.Select(System.Kill));
        await Task.WhenAll(Services.Select(System.StartAgain));

        var after = await System.Get("/v1/tasks/" + Id("drawn"));
        Assert.True(after.GetProperty("progress").GetDouble() >= begun.GetProperty("progress").GetDouble(), after.ToString());
        Assert.StartsWith("row ", after.Text("progress_message"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await Again(named));
        Assert.Equal(HttpStatusCode.Conflict, await Again(new { named.task_id, named.task_type, parameters }));
        await SaysWhatItSaid(JsonSerializer.SerializeToElement(parameters), JsonSerializer.SerializeToElement(metadata));
        Assert.Equal(("critical", "queued"), Two(await System.Get("/v1/tasks/" + Id("raised")), "priority_name", "state"));
        Assert.Equal(("applied", "hold"), Two(await System.Get("/v1/commands/hold-" + Run), "status", "command"));
        Assert.Equal(("blocked", "not yet"), Two(await System.Get("/v1/tasks/" + Id("held")), "state", "reason"));
        Assert.Equal("applied", (await System.Give(Id("held"), "release", new { })).Text("status"));
        _ = await System.Until(Id("held"), "queued");
        Assert.Equal("applied", (await System.Give(Id("held"), "cancel", new { })).Text("status"));
        Assert.Equal("applied", (await System.Give(Id("raised"), "cancel", new { })).Text("status"));

        var late = await System.Ended(Id("late"));
        Assert.Equal(("expired", ""), Two(late, "state", "started_at"));
        Assert.InRange(late.Time("ended_at"), late.Time("deadline").AddMilliseconds(-5), late.Time("deadline").AddSeconds(30));
        var drawn = await System.Get($"/v1/tasks/{Id("drawn")}?wait=30s");
        drawn = drawn.Ended() ? drawn : await System.Ended(Id("drawn"));
        Assert.Equal("completed", drawn.Text("state"));
        Assert.NotEqual("", drawn.GetProperty("result").Text("sha256"));
        var later = await System.Ended(Id("later"));
        Assert.Equal("completed", later.Text("state"));
        Assert.True(later.Time("started_at") >= later.Time("not_before"), later.ToString());
        Assert.Equal(("completed", "low"), Two(await System.Ended(Id("by-bus")), "state", "priority_name"));
        await System.EveryTaskEndedOnce(new Dictionary<string, string>
        {
            [Id("named")] = "completed",
            [Id("later")] = "completed",
            [Id("by-bus")] = "completed",
            [Id("drawn")] = "completed",
            [Id("late")] = "expired",
            [Id("held")] = "cancelled",
            [Id("raised")] = "cancelled",
        });
    }

    private string Id(string name) => $"{name}-{Run}";

    private object Waits(string name, DateTimeOffset? deadline = null) =>
        new { task_id = Id(name), task_type = "nobody.does-this", on_infeasible = "wait", deadline };

    private static (string First, string Second) Two(JsonElement json, string first, string second) => (json.Text(first), json.Text(second));

    private async Task SaysWhatItSaid(JsonElement parameters, JsonElement metadata)
    {
        var task = await System.Get("/v1/tasks/" + Id("named"));
        Assert.Equal(("completed", "painter-b"), Two(task, "state", "agent_id"));
        Assert.True(JsonElement.DeepEquals(parameters, task.GetProperty("parameters")), task.ToString());
        Assert.True(JsonElement.DeepEquals(metadata, task.GetProperty("metadata")), task.ToString());
        var result = await System.Get($"/v1/tasks/{Id("named")}/result");
        Assert.Equal(("completed", "painter-b"), Two(result, "state", "executor_agent_id"));
        Assert.NotEqual("", result.Text("execution_metadata"));
        var found = await System.Get("/v1/tasks?metadata.workflow_id=wf-" + Run);
        Assert.Equal(Id("named"), Assert.Single(found.GetProperty("tasks").EnumerateArray()).Text("task_id"));
        var ended = (await System.Get("/v1/stats")).GetProperty("ended").EnumerateArray().Last().GetProperty("count");
        Assert.True(ended.Whole("completed") >= 1, ended.ToString());
    }

    private async Task Publish(object task)
    {
        await using var connection = await new ConnectionFactory { Uri = System.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json", Persistent = true };
        var messageId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await channel.BasicPublishAsync("task.submit", "", mandatory: true, properties,
            JsonSerializer.SerializeToUtf8Bytes(new { messageId, messageType = new[] { "a2a:task.submit" }, message = task }));
    }

    private async Task<HttpStatusCode> Status(string id)
    {
        using var answer = await System.Http.GetAsync("/v1/tasks/" + id);
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> Again(object task)
    {
        using var answer = await System.Http.PostAsJsonAsync("/v1/tasks", task);
        return answer.StatusCode;
    }
}
