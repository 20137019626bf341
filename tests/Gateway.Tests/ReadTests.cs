using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tests;

[Trait("Requirement", "12")]
[Trait("Requirement", "76")]
[Trait("Requirement", "77")]
public sealed class ReadTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_running_task_shows_its_progress_and_no_waiting()
    {
        _host.Neighbours.Put("t", TaskState.Running, document => document with { Progress = 0.29, AgentId = "agent-1" });
        using var reply = await _host.Get("/v1/tasks/t");
        var task = await reply.Json();
        Assert.Equal((0.29, 29), (task.GetProperty("progress").GetDouble(), task.GetProperty("progress_percentage").GetInt32()));
        Assert.Equal("high", task.GetProperty("priority_name").GetString());
        Assert.False(task.TryGetProperty("waiting", out _));
        Assert.False(task.TryGetProperty("phase", out _));
        Assert.Equal("1", reply.Headers.GetValues("Retry-After").Single());
    }

    [Theory]
    [InlineData(TaskState.Submitted)]
    [InlineData(TaskState.Blocked)]
    [InlineData(TaskState.Queued)]
    [InlineData(TaskState.Offered)]
    [InlineData(TaskState.Paused)]
    [InlineData(TaskState.InputRequired)]
    public async Task A_task_that_waits_always_says_why(TaskState state)
    {
        _host.Neighbours.Put("t", state);
        using var reply = await _host.Get("/v1/tasks/t");
        var waiting = (await reply.Json()).GetProperty("waiting");
        Assert.NotEmpty(waiting.GetProperty("code").GetString()!);
        Assert.NotEmpty(waiting.GetProperty("sentence").GetString()!);
    }

    [Fact]
    public async Task The_reason_of_the_Scheduler_wins()
    {
        _host.Neighbours.Put("t", TaskState.Queued, document => document with { Code = "NO_AGENT_FOR_TYPE", Reason = "Nobody does it." });
        using var reply = await _host.Get("/v1/tasks/t");
        Assert.Equal("""{"code":"NO_AGENT_FOR_TYPE","sentence":"Nobody does it."}""", (await reply.Json()).GetProperty("waiting").GetRawText());
    }

    [Theory]
    [InlineData("\"1\"", 304)]
    [InlineData("W/\"1\"", 304)]
    [InlineData("\"0\", \"1\"", 304)]
    [InlineData("*", 304)]
    [InlineData("\"0\"", 200)]
    [InlineData("rubbish", 200)]
    public async Task Who_holds_the_version_already_is_told_so(string held, int status)
    {
        _host.Neighbours.Put("t", TaskState.Queued);
        using var reply = await _host.Get("/v1/tasks/t", ("If-None-Match", held));
        Assert.Equal(status, (int)reply.StatusCode);
        Assert.Equal("\"1\"", reply.Headers.ETag?.Tag);
    }

    [Theory]
    [InlineData("/v1/tasks/unknown")]
    [InlineData("/v1/tasks/unknown/result")]
    [InlineData("/v1/tasks/unknown/events")]
    [InlineData("/v1/tasks/a%20b")]
    [InlineData("/v1/tasks/%zz")]
    [InlineData("/v1/tasks/%ff%fe")]
    [InlineData("/v1/agents/unknown")]
    [InlineData("/v1/nothing")]
    [InlineData("/nothing")]
    [InlineData("/v2/tasks")]
    public async Task What_is_not_there_is_a_problem_too(string path)
    {
        using var reply = await _host.Get(path);
        await reply.Problem(404, "NOT_FOUND");
    }

    [Theory]
    [InlineData("DELETE", "/v1/tasks")]
    [InlineData("PUT", "/v1/tasks/t")]
    [InlineData("POST", "/v1/errors")]
    [InlineData("GET", "/v1/tasks/t/cancel")]
    public async Task A_wrong_method_is_a_problem_that_names_the_right_ones(string method, string path)
    {
        using var reply = await _host.Send(new HttpMethod(method), path, null);
        await reply.Problem(405, "METHOD_NOT_ALLOWED");
        Assert.NotEmpty(reply.Content.Headers.Allow);
    }

    [Fact]
    public async Task A_result_is_there_when_the_task_has_ended()
    {
        _host.Neighbours.Put("t", TaskState.Running);
        using var early = await _host.Get("/v1/tasks/t/result");
        Assert.Equal(202, (int)early.StatusCode);
        Assert.Equal("1", early.Headers.GetValues("Retry-After").Single());

        _host.Neighbours.Put("t", TaskState.Completed, document => document with { Result = JsonElement.Parse("""{"sum":42}""") });
        using var reply = await _host.Get("/v1/tasks/t/result");
        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal(42, (await reply.Json()).GetProperty("result").GetProperty("sum").GetInt32());
    }

    [Fact]
    public async Task A_failure_is_a_result_as_well()
    {
        _host.Neighbours.Put("t", TaskState.Failed, document => document with
        {
            Error = new TaskError { Code = "HANDLER_FAILED", Message = "no such file" },
        });
        using var reply = await _host.Get("/v1/tasks/t/result");
        Assert.Equal("HANDLER_FAILED", (await reply.Json()).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_query_of_a_list_reaches_StateSync()
    {
        using var reply = await _host.Get("/v1/tasks?status=running,QUEUED,in_progress&type=data.*&requester=alice&limit=7");
        Assert.Equal(200, (int)reply.StatusCode);
        var filter = _host.Neighbours.LastFilter!;
        Assert.Equal([TaskState.Running, TaskState.Queued], filter.States);
        Assert.Equal(("data.*", "alice", 7), (filter.TaskType, filter.RequesterAgentId, filter.Limit));
    }

    [Fact]
    public async Task A_page_names_the_next_one_and_the_cursor_comes_back_whole()
    {
        var place = new TaskCursor { UpdatedAtUs = 1_774_105_200_123_456, TaskId = "a:b~c" };
        _host.Neighbours.Page = new TaskPage { Tasks = [_host.Neighbours.Put("t", TaskState.Queued)], Next = place };
        using var first = await _host.Get("/v1/tasks?status=queued&limit=1");
        var next = (await first.Json()).GetProperty("next_cursor").GetString()!;
        Assert.Equal($"</v1/tasks?status=queued&limit=1&cursor={next}>; rel=\"next\"", first.Headers.GetValues("Link").Single());

        _host.Neighbours.Page = new TaskPage { Tasks = [] };
        using var second = await _host.Get($"/v1/tasks?limit=1&cursor={next}");
        Assert.Equal(place, _host.Neighbours.LastFilter!.After);
        Assert.False((await second.Json()).TryGetProperty("next_cursor", out _));
        Assert.False(second.Headers.Contains("Link"));
    }

    [Theory]
    [InlineData("limit=0", "#/query/limit")]
    [InlineData("limit=201", "#/query/limit")]
    [InlineData("limit=ten", "#/query/limit")]
    [InlineData("status=walking", "#/query/status")]
    [InlineData("type=a..b", "#/query/type")]
    [InlineData("requester=a/b", "#/query/requester")]
    [InlineData("cursor=", "#/query/cursor")]
    [InlineData("cursor=AAAA", "#/query/cursor")]
    [InlineData("cursor=%25%25", "#/query/cursor")]
    [InlineData("cursor=MSA5OTk5OTk5OTk5OTk5OTk5OTk5IHQ", "#/query/cursor")]
    public async Task A_wrong_query_is_named(string query, string pointer)
    {
        using var reply = await _host.Get("/v1/tasks?" + query);
        Assert.Equal([pointer], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task With_StateSync_away_a_task_reads_as_submitted_and_stale()
    {
        using var accepted = await _host.Post("/v1/tasks", """{"task_id":"t","task_type":"a"}""");
        _host.Neighbours.StatesDown = true;

        using var known = await _host.Get("/v1/tasks/t", ("If-None-Match", "\"0\""));
        Assert.Equal(200, (int)known.StatusCode);
        Assert.True((await known.Json()).GetProperty("stale").GetBoolean());
        using var unknown = await _host.Get("/v1/tasks/u");
        await unknown.Problem(503, "COM002");
        Assert.True(unknown.Headers.Contains("Retry-After"));
        using var list = await _host.Get("/v1/tasks");
        await list.Problem(503, "COM002");
    }
}
