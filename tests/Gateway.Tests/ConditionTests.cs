using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Conditional and repeated requests: If-Match, If-None-Match, Idempotency-Key on commands.</summary>
public sealed class ConditionTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.Start(("A2A:Gateway:AnswerTimeout", "00:00:02"));
        _host.Neighbours.OnCommand = command => new ControlAcknowledged
        {
            CommandId = JsonSerializer.SerializeToElement(command, command.GetType(), WireJson.Options).Text("command_id")!,
            Status = "applied",
            TaskId = "t",
            Command = "pause",
        };
        _ = _host.Neighbours.Put("t", TaskState.Queued);
        _ = _host.Neighbours.Put("t", TaskState.Running);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("\"2\"", 200)]
    [InlineData("W/\"2\"", 200)]
    [InlineData("*", 200)]
    [InlineData("\"1\", \"2\"", 200)]
    [InlineData("\"1\"", 412)]
    [InlineData("\"3\"", 412)]
    public async Task A_command_is_given_only_to_the_task_that_its_caller_has_seen(string condition, int status)
    {
        using var pause = await _host.Post("/v1/tasks/t/pause", "{}", ("If-Match", condition));
        using var content = new StringContent("""{"priority":4}""", Encoding.UTF8, "application/merge-patch+json");
        using var patch = await _host.Send(HttpMethod.Patch, "/v1/tasks/t", content, ("If-Match", condition));
        Assert.Equal((status, status), ((int)pause.StatusCode, (int)patch.StatusCode));
        Assert.Equal(status == 200 ? 2 : 0, _host.Neighbours.Commands.Count);
        if (status == 200) { return; }
        Assert.Equal(["#/headers/if-match"], (await pause.Problem(412, "PRECONDITION_FAILED")).Pointers());
        Assert.Equal("\"2\"", pause.Headers.ETag?.Tag);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("\"")]
    [InlineData("rubbish, \"2\"")]
    public async Task A_condition_that_cannot_be_read_is_not_passed_over(string condition)
    {
        using var reply = await _host.Post("/v1/tasks/t/pause", "{}", ("If-Match", condition));
        Assert.Equal(["#/headers/if-match"], (await reply.Problem(400, "MSG001")).Pointers());
        Assert.Empty(_host.Neighbours.Commands);
    }

    [Fact]
    public async Task A_repeat_is_answered_as_before_though_the_task_has_changed_by_the_command_itself()
    {
        using var first = await _host.Post("/v1/tasks/t/pause", """{"command_id":"c"}""", ("If-Match", "\"2\""));
        _ = _host.Neighbours.Put("t", TaskState.Paused);
        using var again = await _host.Post("/v1/tasks/t/pause", """{"command_id":"c"}""", ("If-Match", "\"2\""));
        Assert.Equal((200, 200), ((int)first.StatusCode, (int)again.StatusCode));
    }

    [Fact]
    public async Task A_change_carries_the_step_that_it_was_judged_on_and_its_repeat_the_same()
    {
        foreach (var time in new[] { 1, 2 })
        {
            using var content = new StringContent("""{"priority":"high"}""", System.Text.Encoding.UTF8, "application/merge-patch+json");
            using var reply = await _host.Send(HttpMethod.Patch, "/v1/tasks/t", content, ("If-Match", "\"2\""), ("Idempotency-Key", "k"));
            Assert.Equal(200, (int)reply.StatusCode);
            Assert.Equal(2 + time, _host.Neighbours.Put("t", TaskState.Queued).Version);
        }

        Assert.Equal(2, Assert.Single(_host.Neighbours.Commands.OfType<AmendTask>()).IfSequence);
    }

    [Fact]
    public async Task Every_command_carries_the_step_that_it_was_judged_on_and_none_without_a_condition()
    {
        foreach (var verb in (string[])["pause", "resume", "hold", "release"])
        {
            using var with = await _host.Post($"/v1/tasks/t/{verb}", "{}", ("If-Match", "\"2\""));
            using var without = await _host.Post($"/v1/tasks/t/{verb}", "{}");
        }

        using var cancel = await _host.Post("/v1/tasks/t/cancel", "{}", ("If-Match", "\"2\""));
        Assert.Equal(2, Assert.Single(_host.Neighbours.Cancels).IfSequence);
        var heard = _host.Neighbours.Commands.GroupBy(command => command.GetType()).ToList();
        Assert.InRange(heard.Count, 3, 6);
        Assert.All(heard, same => Assert.Equal([2, null], same.Select(command => (long?)same.Key.GetProperty("IfSequence")!.GetValue(command))));
    }

    [Fact]
    public async Task A_condition_is_not_passed_over_when_nobody_can_judge_it()
    {
        _host.Neighbours.StatesDown = true;
        using var blind = await _host.Post("/v1/tasks/t/pause", "{}", ("If-Match", "\"2\""));
        await blind.Problem(503, "COM002");
        using var unconditional = await _host.Post("/v1/tasks/t/pause", "{}");
        Assert.Equal(200, (int)unconditional.StatusCode);
    }

    [Fact]
    public async Task A_result_that_the_caller_holds_is_not_sent_again()
    {
        _ = _host.Neighbours.Put("t", TaskState.Completed);
        using var first = await _host.Get("/v1/tasks/t/result");
        using var again = await _host.Get("/v1/tasks/t/result", ("If-None-Match", first.Headers.ETag!.Tag));
        Assert.Equal((200, 304, "\"3\""), ((int)first.StatusCode, (int)again.StatusCode, first.Headers.ETag.Tag));
    }

    [Fact]
    public async Task The_same_key_is_the_same_command_and_for_another_body_it_is_refused()
    {
        using var first = await _host.Post("/v1/tasks/t/pause", """{"reason":"a"}""", ("Idempotency-Key", "\"k\""));
        using var again = await _host.Post("/v1/tasks/t/pause", """{"reason":"a"}""", ("Idempotency-Key", "k"));
        using var other = await _host.Post("/v1/tasks/t/pause", """{"reason":"b"}""", ("Idempotency-Key", "\"k\""));
        using var verb = await _host.Post("/v1/tasks/t/hold", "{}", ("Idempotency-Key", "\"k\""));
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal((await first.Json()).Text("command_id"), (await again.Json()).Text("command_id"));
        await other.Problem(422, "IDEMPOTENCY_KEY_REUSED");
        Assert.Equal(200, (int)verb.StatusCode);
        Assert.Equal(2, _host.Neighbours.Commands.Count);
    }

    [Fact]
    public async Task A_bulk_knows_its_key_and_spreads_its_commands_over_time()
    {
        const string Body = """{"task_ids":["t","u","v"],"rate":1}""";
        var (begun, heard) = (TimeProvider.System.GetTimestamp(), new ConcurrentDictionary<string, TimeSpan>());
        var answer = _host.Neighbours.OnCommand;
        _host.Neighbours.OnCommand = command =>
        {
            if (command is HoldTask hold) { _ = heard.TryAdd(hold.TaskId, TimeProvider.System.GetElapsedTime(begun)); }
            return answer(command);
        };
        using var first = await _host.Post("/v1/tasks:hold", Body, ("Idempotency-Key", "\"k\""));
        using var again = await _host.Post("/v1/tasks:hold", Body, ("Idempotency-Key", "\"k\""));
        Assert.Equal((202, 202), ((int)first.StatusCode, (int)again.StatusCode));
        Assert.Equal((await first.Json()).Text("bulk_id"), (await again.Json()).Text("bulk_id"));
        await Eventually.True(() => heard.Count == 3, "all are sent in the end");
        // However slow everything is: none comes before its second.
        Assert.All(heard.Values.Order().Index(), one => Assert.True(one.Item.TotalSeconds > one.Index * 0.95, $"{one.Index}: {one.Item}"));
    }

    [Fact]
    public async Task The_history_is_a_page_of_its_own()
    {
        using var first = await _host.Get("/v1/tasks/t/history?limit=1");
        var page = await first.Json();
        Assert.Equal((1, 1), (page.GetProperty("changes")[0].Whole("version"), page.Whole("next_after")));
        using var second = await _host.Get("/v1/tasks/t/history?after=1");
        Assert.Equal(2, (await second.Json()).GetProperty("changes")[0].Whole("version"));
        using var none = await _host.Get("/v1/tasks/nobody/history");
        await none.Problem(404, "NOT_FOUND");
        using var odd = await _host.Get("/v1/tasks/t/history?limit=201");
        Assert.Equal(["#/query/limit"], (await odd.Problem(400, "MSG001")).Pointers());
    }
}
