using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Requirement 80: pipelines at the edge. What becomes of their tasks is the Scheduler's part.</summary>
public sealed class WorkflowTests : IAsyncLifetime
{
    private const string Etl = """
        {"workflow_id":"etl","name":"nightly","priority":"high","metadata":{"user_id":"u"},"stages":[
          {"name":"read","task_type":"a.read","parameters":{"path":"p"}},
          {"name":"shape","task_type":"a.shape","map":{"/rows":"/input/rows"},"priority":4},
          {"task_type":"a.write"}]}
        """;

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Stages_become_tasks_that_wait_for_each_other()
    {
        using var reply = await _host.Post("/v1/workflows", Etl);

        Assert.Equal(202, (int)reply.StatusCode);
        Assert.Equal("/v1/workflows/etl", reply.Headers.Location?.ToString());
        var view = await reply.Json();
        Assert.Equal(("submitted", "read"), (view.GetProperty("state").GetString(), view.GetProperty("current_stage").GetString()));
        var tasks = (await Submitted(3)).OrderBy(task => task.TaskId, StringComparer.Ordinal).ToArray();
        Assert.Equal(["etl:1", "etl:2", "etl:3"], tasks.Select(task => task.TaskId));
        Assert.Equal([3, 4, 3], tasks.Select(task => task.Priority));
        Assert.Empty(tasks[0].Dependencies);
        Assert.Equal([("etl:1", "/rows", "/input/rows"), ("etl:2", "", "/input")],
            tasks.Skip(1).Select(task => task.Dependencies.Single()).Select(one => (one.TaskId, one.Map!.Single().Key, one.Map!.Single().Value)));
        Assert.Equal("""{"user_id":"u","a2a.workflow_id":"etl","a2a.stage":"stage-3"}""", tasks[2].Metadata!.Value.GetRawText());
    }

    [Fact]
    public async Task The_same_again_is_a_repeat_and_the_same_id_with_another_body_a_conflict()
    {
        using var first = await _host.Post("/v1/workflows", Etl);
        using var again = await _host.Post("/v1/workflows", Etl);
        using var other = await _host.Post("/v1/workflows", Etl.Replace("nightly", "daily", StringComparison.Ordinal));
        Assert.Equal([202, 200], [(int)first.StatusCode, (int)again.StatusCode]);
        _ = await other.Problem(409, "CONFLICT");
        using var last = await _host.Post("/v1/tasks", """{"task_id":"last","task_type":"t"}""");
        Assert.Equal(4, (await Submitted(4)).Count);
    }

    [Fact]
    public async Task A_key_makes_the_ids_and_refuses_another_body()
    {
        const string Body = """{"stages":[{"task_type":"a"}]}""";
        using var first = await _host.Post("/v1/workflows", Body, ("Idempotency-Key", "k"));
        using var again = await _host.Post("/v1/workflows", Body, ("Idempotency-Key", "k"));
        using var other = await _host.Post("/v1/workflows", """{"stages":[{"task_type":"b"}]}""", ("Idempotency-Key", "k"));
        Assert.Equal((await first.Json()).GetProperty("workflow_id").GetString(), (await again.Json()).GetProperty("workflow_id").GetString());
        Assert.Equal(200, (int)again.StatusCode);
        _ = await other.Problem(422, "IDEMPOTENCY_KEY_REUSED");
    }

    [Theory]
    [InlineData("""{"stages":[]}""", "#/stages")]
    [InlineData("""{"stages":[{"task_type":"a"}],"kind":"graph"}""", "#/kind")]
    [InlineData("""{"stages":[{"task_type":"a"}],"workflow_id":"a b"}""", "#/workflow_id")]
    [InlineData("""{"stages":[{"task_type":"a"},7]}""", "#/stages/1")]
    [InlineData("""{"stages":[{"task_type":"a","map":{"":"/a"}}]}""", "#/stages/0/map")]
    [InlineData("""{"stages":[{"task_type":"a"},{"task_type":"b","map":"x"}]}""", "#/stages/1/map")]
    [InlineData("""{"stages":[{"task_type":"a"},{"task_type":"b","map":{"x":"/y"}}]}""", "#/stages/1/map/x")]
    [InlineData("""{"stages":[{"task_type":"a","name":"n"},{"task_type":"b","name":"n"}]}""", "#/stages/1/name")]
    [InlineData("""{"stages":[{"task_type":"a"},{"task_type":"b!"}]}""", "#/stages/1/task_type")]
    [InlineData("""{"stages":[{"task_type":"a"},{"task_type":"b","priority":9}]}""", "#/stages/1/priority")]
    [InlineData("""{"stages":[{"task_type":"a"},{"task_type":"b"}],"priority":9}""", "#/priority")]
    [InlineData("""{"stages":[{"task_type":"a","dependencies":["x"]}]}""", "#/stages/0/dependencies")]
    [InlineData("""{"stages":[{"task_type":"a"}],"stage":1}""", "#/stage")]
    public async Task What_is_wrong_is_named_where_it_was_written(string body, string pointer)
    {
        using var reply = await _host.Post("/v1/workflows", body);

        Assert.Equal(400, (int)reply.StatusCode);
        Assert.Equal([pointer], (await reply.Json()).GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()));
        Assert.Empty(_host.Neighbours.Submitted);
    }

    [Fact]
    public async Task What_undoes_a_stage_waits_for_it_for_the_end_in_vain_and_for_what_undoes_later_ones()
    {
        using var reply = await _host.Post("/v1/workflows", """
            {"workflow_id":"trip","priority":"high","stages":[
              {"name":"flight","task_type":"a","compensate":{"task_type":"undo","map":{"/id":"/id"}}},
              {"name":"hotel","task_type":"a","compensate":{"task_type":"undo","parameters":{"n":1}}},
              {"name":"pay","task_type":"a"}]}
            """);

        Assert.Equal(202, (int)reply.StatusCode);
        var view = await reply.Json();
        Assert.Equal(["trip:1:undo", "trip:2:undo", null],
            view.GetProperty("stages").EnumerateArray().Select(stage => stage.TryGetProperty("compensation", out var one) ? one.Text("task_id") : null));
        var undoes = (await Submitted(5)).Where(task => task.TaskId.EndsWith(":undo", StringComparison.Ordinal)).OrderBy(task => task.TaskId).ToArray();
        Assert.Equal(
            ["trip:1 Success Skip", "trip:3 Failure Skip", "trip:2:undo Completion Fail", "trip:2 Success Skip", "trip:3 Failure Skip"],
            undoes.SelectMany(task => task.Dependencies).Select(one => $"{one.TaskId} {one.Condition} {one.OnUnsatisfied}"));
        Assert.Equal(("/id", "/input", 3),
            (undoes[0].Dependencies[0].Map!.Values.Single(), undoes[1].Dependencies[0].Map!.Values.Single(), undoes[0].Priority));
        Assert.Equal("""{"a2a.workflow_id":"trip","a2a.compensates":"flight"}""", undoes[0].Metadata!.Value.GetRawText());
        foreach (var task in await Submitted(5)) { _ = _host.Neighbours.Put(task.TaskId, TaskState.Failed); }
        using var resumed = await _host.Post("/v1/workflows/trip/resume", "{}");
        Assert.Contains("undone", (await resumed.Problem(409, "CONFLICT")).Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"stages":[{"task_type":"a"},{"task_type":"a","compensate":{"task_type":"u"}}]}""", "#/stages/1/compensate")]
    [InlineData("""{"stages":[{"task_type":"a","compensate":7},{"task_type":"a"}]}""", "#/stages/0/compensate")]
    [InlineData("""{"stages":[{"task_type":"a","compensate":{"task_type":"u!"}},{"task_type":"a"}]}""", "#/stages/0/compensate/task_type")]
    [InlineData("""{"stages":[{"task_type":"a","compensate":{"task_type":"u","map":{"x":"/y"}}},{"task_type":"a"}]}""", "#/stages/0/compensate/map/x")]
    [InlineData("""{"stages":[{"task_type":"a","compensate":{"task_type":"u","deadline":"x"}},{"task_type":"a"}]}""", "#/stages/0/compensate/deadline")]
    public async Task What_is_wrong_with_a_compensation_is_named_where_it_was_written(string body, string pointer)
    {
        using var reply = await _host.Post("/v1/workflows", body);
        Assert.Equal([pointer], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task A_failed_stage_is_gone_on_from_once_with_what_came_before_it()
    {
        using var accepted = await _host.Post("/v1/workflows", Etl);
        _ = _host.Neighbours.Put("etl:1", TaskState.Completed);
        using var early = await _host.Post("/v1/workflows/etl/resume", "{}");
        _ = await early.Problem(409, "CONFLICT");
        _ = _host.Neighbours.Put("etl:2", TaskState.Failed);
        _ = _host.Neighbours.Put("etl:3", TaskState.Failed);

        using var resumed = await _host.Post("/v1/workflows/etl/resume", "{}");
        using var again = await _host.Post("/v1/workflows/etl/resume", "{}");

        Assert.Equal([202, 200], [(int)resumed.StatusCode, (int)again.StatusCode]);
        var view = await resumed.Json();
        Assert.Equal(("etl~2", "etl", "running", "shape"), (view.GetProperty("workflow_id").GetString(), view.GetProperty("replay_of").GetString(),
            view.GetProperty("state").GetString(), view.GetProperty("current_stage").GetString()));
        Assert.Equal(["etl:1", "etl~2:2", "etl~2:3"], view.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("task_id").GetString()));
        var tasks = (await Submitted(5)).Where(task => task.ReplayOf is not null).OrderBy(task => task.TaskId, StringComparer.Ordinal).ToArray();
        Assert.Equal([("etl~2:2", "etl:2", "etl:1"), ("etl~2:3", "etl:3", "etl~2:2")],
            tasks.Select(task => (task.TaskId, task.ReplayOf, task.Dependencies.Single().TaskId)));
        Assert.Equal("""{"user_id":"u","a2a.workflow_id":"etl~2","a2a.stage":"shape"}""", tasks[0].Metadata!.Value.GetRawText());
    }

    [Fact]
    public async Task A_cancel_goes_to_what_has_not_ended_and_is_the_same_command_again()
    {
        using var accepted = await _host.Post("/v1/workflows", Etl);
        _ = _host.Neighbours.Put("etl:1", TaskState.Completed);

        using var cancel = await _host.Post("/v1/workflows/etl/cancel", """{"command_id":"c","reason":"no"}""");
        using var again = await _host.Post("/v1/workflows/etl/cancel", """{"command_id":"c","reason":"no"}""");

        Assert.Equal([202, 202], [(int)cancel.StatusCode, (int)again.StatusCode]);
        Assert.Equal(["etl:2", "etl:3"], (await again.Json()).GetProperty("task_ids").EnumerateArray().Select(id => id.GetString()));
        await Eventually.True(() => _host.Neighbours.Cancels.Count == 2, "both cancels have left");
        _ = _host.Neighbours.Put("etl:2", TaskState.Cancelled);
        _ = _host.Neighbours.Put("etl:3", TaskState.Cancelled);
        using var late = await _host.Post("/v1/workflows/etl/cancel", "{}");
        _ = await late.Problem(409, "TASK_NOT_CANCELABLE");
        using var unknown = await _host.Post("/v1/workflows/nobody/cancel", "{}");
        _ = await unknown.Problem(404, "NOT_FOUND");
    }

    [Fact]
    public async Task The_result_is_that_of_the_last_stage()
    {
        using var accepted = await _host.Post("/v1/workflows", Etl);
        foreach (var id in new[] { "etl:1", "etl:2", "etl:3" })
        {
            _ = _host.Neighbours.Put(id, TaskState.Completed, one => one with { Result = JsonElement.Parse($"\"{id}\""), EndedAt = one.UpdatedAt });
        }

        using var reply = await _host.Get("/v1/workflows/etl?wait=5");

        var view = await reply.Json();
        Assert.Equal(("completed", 1, "etl:3"), (view.GetProperty("state").GetString(), view.GetProperty("progress").GetDouble(),
            view.GetProperty("result").GetString()));
        Assert.False(view.TryGetProperty("current_stage", out _));
        using var unknown = await _host.Get("/v1/workflows/nobody");
        _ = await unknown.Problem(404, "NOT_FOUND");
    }

    private async Task<IReadOnlyList<SubmitTask>> Submitted(int count)
    {
        await Eventually.True(() => _host.Neighbours.Submitted.Count >= count, $"{count} tasks have left",
            () => string.Join(", ", _host.Neighbours.Submitted.Select(task => task.TaskId)));
        return [.. _host.Neighbours.Submitted];
    }
}
