using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Requirements 19-23 over HTTP: every verb, its record, bulks, PATCH, input and partial results.</summary>
[Trait("Requirement", "22")]
[Trait("Requirement", "23")]
public sealed class CommandTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.Start(("A2A:Gateway:AnswerTimeout", "00:00:02"));
        _host.Neighbours.Put("t", TaskState.Running);
        _host.Neighbours.OnCommand = command => command is RetryTask retry
            ? new ControlAcknowledged { CommandId = retry.CommandId, Status = "applied", TaskId = retry.TaskId, NewTaskId = "t-2", Command = "retry" }
            : new ControlAcknowledged { CommandId = IdOf(command), Status = "accepted", TaskId = "t", Command = "pause" };
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_pause_carries_its_wishes_and_is_found_again_until_it_is_done()
    {
        using var reply = await _host.Post("/v1/tasks/t/pause",
            """{"reason":"lunch","command_id":"c-1","release_resources":false,"extend_on_pause":true}""");
        Assert.Equal((202, "/v1/commands/c-1"), ((int)reply.StatusCode, reply.Headers.Location!.ToString()));
        var pause = Assert.IsType<PauseTask>(Assert.Single(_host.Neighbours.Commands));
        Assert.Equal(("lunch", true, true), (pause.Reason, pause.KeepResources, pause.ExtendDeadline));

        await Say(new ControlAcknowledged { CommandId = "c-1", Status = "applied", TaskId = "t", Command = "pause", Code = "HARD_STOP" });
        using var done = await _host.Get("/v1/commands/c-1?wait=10s");
        var view = await done.Json();
        Assert.Equal(("applied", "HARD_STOP", "pause"), (view.Text("status"), view.Text("code"), view.Text("command")));

        await Say(new ControlRejected { CommandId = "c-1", Reason = "CONFLICT", TaskId = "t", Command = "pause" });
        await Say(new ControlAcknowledged { CommandId = "after", Status = "applied", TaskId = "t", Command = "hold" });
        await Eventually.Seen(async _ => (int)(await _host.Get("/v1/commands/after")).StatusCode, status => status == 200, "the later answer is known");
        using var still = await _host.Get("/v1/commands/c-1");
        Assert.Equal("applied", (await still.Json()).Text("status"));
    }

    [Fact]
    public async Task A_rejected_command_answers_with_its_code_and_keeps_it()
    {
        _host.Neighbours.OnCommand = command => new ControlRejected
        {
            CommandId = IdOf(command),
            Reason = "CONFLICT",
            TaskId = "t",
            State = TaskState.Completed,
            Command = "pause",
            Detail = "the task is completed",
        };
        using var reply = await _host.Post("/v1/tasks/t/pause", """{"command_id":"c-2"}""");
        Assert.Equal("completed", (await reply.Problem(409, "CONFLICT")).GetProperty("state").GetString());
        Assert.Equal("c-2", reply.Headers.GetValues("A2A-Command-Id").Single());
        using var shown = await _host.Get("/v1/commands/c-2");
        Assert.Equal(("rejected", "CONFLICT"), ((await shown.Json()).Text("status"), (await shown.Json()).Text("code")));
        using var listed = await _host.Get("/v1/tasks/t/commands");
        Assert.Equal("c-2", (await listed.Json()).GetProperty("commands")[0].Text("command_id"));
    }

    [Fact]
    public async Task A_silent_agent_is_COM001()
    {
        _host.Neighbours.OnCommand = command => new ControlRejected { CommandId = IdOf(command), Reason = "COM001", TaskId = "t", Command = "pause" };
        using var reply = await _host.Post("/v1/tasks/t/pause", "{}");
        await reply.Problem(503, "COM001");
    }

    [Fact]
    public async Task The_same_command_id_is_the_same_command_and_another_command_is_a_conflict()
    {
        using var first = await _host.Post("/v1/tasks/t/pause", """{"command_id":"c-3"}""");
        using var again = await _host.Post("/v1/tasks/t/pause", """{"command_id":"c-3"}""");
        using var other = await _host.Post("/v1/tasks/t/hold", """{"command_id":"c-3"}""");
        Assert.Equal((202, 202), ((int)first.StatusCode, (int)again.StatusCode));
        await other.Problem(409, "CONFLICT");
        _ = Assert.Single(_host.Neighbours.Commands);
    }

    [Fact]
    public async Task A_retry_names_the_new_task()
    {
        using var reply = await _host.Post("/v1/tasks/t/retry", "{}");
        Assert.Equal(200, (int)reply.StatusCode);
        var view = await reply.Json();
        Assert.Equal(("t-2", "/v1/tasks/t-2"), (view.Text("new_task_id"), view.GetProperty("links").Text("new_task")));
    }

    [Fact]
    public async Task A_patch_becomes_an_amendment()
    {
        using var content = new StringContent(
            """{"priority":"critical","deadline":null,"metadata":{"a":1.0},"reason":"the boss"}""", Encoding.UTF8,
            new MediaTypeHeaderValue("application/merge-patch+json"));
        using var reply = await _host.Send(HttpMethod.Patch, "/v1/tasks/t", content);
        Assert.Equal(202, (int)reply.StatusCode);
        var amend = Assert.IsType<AmendTask>(Assert.Single(_host.Neighbours.Commands));
        Assert.Equal((4, true, "the boss", """{"a":1.0}"""),
            (amend.Amendment.Priority, amend.Amendment.NoDeadline, amend.Reason, amend.Amendment.Metadata?.GetRawText()));
    }

    [Theory]
    [InlineData("PATCH", "/v1/tasks/t", "{}", "#")]
    [InlineData("PATCH", "/v1/tasks/t", """{"priority":9}""", "#/priority")]
    [InlineData("PATCH", "/v1/tasks/t", """{"parameters":{}}""", "#/parameters")]
    [InlineData("PATCH", "/v1/tasks/t", """{"requirements":{"cpu":1}}""", "#/requirements/cpu")]
    [InlineData("POST", "/v1/tasks/t/input", "{}", "#/input")]
    [InlineData("POST", "/v1/tasks/t/pause", """{"release_resources":"no"}""", "#/release_resources")]
    [InlineData("POST", "/v1/tasks/t/resume", """{"checkpoint":7}""", "#/checkpoint")]
    [InlineData("POST", "/v1/tasks:pause", "{}", "#")]
    [InlineData("POST", "/v1/tasks:pause", """{"filter":{"status":"blue"}}""", "#/filter/status")]
    [InlineData("POST", "/v1/tasks:pause", """{"task_ids":["a","b c"]}""", "#/task_ids/1")]
    [InlineData("POST", "/v1/tasks:pause", """{"filter":{},"limit":0}""", "#/limit")]
    public async Task What_is_wrong_is_named(string method, string path, string body, string pointer)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var reply = await _host.Send(new HttpMethod(method), path, content);
        Assert.Equal([pointer], (await reply.Problem(400, "MSG001")).Pointers());
        Assert.Empty(_host.Neighbours.Commands);
    }

    [Fact]
    public async Task An_answer_to_a_question_goes_out_as_it_was_given()
    {
        _host.Neighbours.Put("t", TaskState.InputRequired, document => document with
        {
            Question = new InputQuestion { Key = "colour", Question = "Which colour?", InputKind = "auth" },
        });
        using var task = await _host.Get("/v1/tasks/t");
        Assert.Equal("auth", (await task.Json()).GetProperty("question").Text("input_kind"));
        using var reply = await _host.Post("/v1/tasks/t/input", """{"input":{"n":1.50},"key":"colour"}""");
        var input = Assert.IsType<ProvideInput>(Assert.Single(_host.Neighbours.Commands));
        Assert.Equal(("""{"n":1.50}""", "colour"), (input.Input.GetRawText(), input.Key));
    }

    [Theory]
    [InlineData("""{"input":{"colour":"red"}}""", null)]
    [InlineData("""{"input":{"colour":"pink"}}""", "#/input/colour")]
    [InlineData("""{"input":"red"}""", "#/input")]
    [InlineData("""{"input":{"colour":"pink"},"key":"another-question"}""", null)]
    public async Task An_answer_that_does_not_fit_the_schema_of_its_question_is_refused_where_it_is_wrong(string body, string? pointer)
    {
        _host.Neighbours.Put("t", TaskState.InputRequired, document => document with
        {
            Question = new InputQuestion
            {
                Key = "colour",
                Question = "Which colour?",
                Schema = JsonElement.Parse("""{"type":"object","properties":{"colour":{"enum":["red","blue"]}}}"""),
            },
        });

        using var reply = await _host.Post("/v1/tasks/t/input", body);

        Assert.Equal(pointer is null ? 1 : 0, _host.Neighbours.Commands.Count);
        if (pointer is not null) { Assert.Equal([pointer], (await reply.Problem(422, "INVALID_PARAMETERS")).Pointers()); }
    }

    [Fact]
    public async Task A_question_whose_schema_is_none_takes_any_answer()
    {
        _host.Neighbours.Put("t", TaskState.InputRequired, document => document with
        {
            Question = new InputQuestion { Key = "colour", Question = "Which colour?", Schema = JsonElement.Parse("""{"type":"colour"}""") },
        });

        using var reply = await _host.Post("/v1/tasks/t/input", """{"input":7}""");

        Assert.Equal(202, (int)reply.StatusCode);
    }

    [Fact]
    public async Task A_bulk_is_one_command_per_task_and_the_same_bulk_again_is_the_same()
    {
        const string Body = """{"task_ids":["a","b","a"],"command_id":"bulk-1","reason":"night"}""";
        using var reply = await _host.Post("/v1/tasks:hold", Body);
        using var again = await _host.Post("/v1/tasks:hold", Body);
        Assert.Equal((202, 202), ((int)reply.StatusCode, (int)again.StatusCode));
        var view = await again.Json();
        Assert.Equal((2, "bulk-1"), (view.Whole("matched"), view.Text("bulk_id")));
        await Eventually.True(() => _host.Neighbours.Commands.Count == 2, "both arrive");
        using var shown = await _host.Get("/v1/commands/bulk-1");
        Assert.Equal(["bulk-1.0000", "bulk-1.0001"],
            (await shown.Json()).GetProperty("commands").EnumerateArray().Select(command => command.Text("command_id")));
    }

    [Fact]
    public async Task A_bulk_by_filter_asks_for_the_tasks_in_which_the_command_can_do_something()
    {
        _host.Neighbours.Page = new() { Tasks = [_host.Neighbours.Put("t", TaskState.Running)] };
        using var dry = await _host.Post("/v1/tasks:pause", """{"filter":{"type":"data.*"},"dry_run":true}""");
        Assert.Equal("t", (await dry.Json()).GetProperty("task_ids")[0].GetString());
        Assert.Empty(_host.Neighbours.Commands);
        Assert.Equal("data.*", _host.Neighbours.LastFilter!.TaskType);
        Assert.DoesNotContain(TaskState.Completed, _host.Neighbours.LastFilter.States);
        using var retry = await _host.Post("/v1/tasks:retry", """{"filter":{},"dry_run":true}""");
        Assert.Contains(TaskState.Failed, _host.Neighbours.LastFilter.States);
        Assert.DoesNotContain(TaskState.Running, _host.Neighbours.LastFilter.States);
    }

    [Fact]
    public async Task Partial_results_and_unknown_things()
    {
        using var parts = await _host.Get("/v1/tasks/t/partials");
        Assert.Equal(0, (await parts.Json()).GetProperty("partials").GetArrayLength());
        using var none = await _host.Get("/v1/tasks/nobody/partials");
        await none.Problem(404, "NOT_FOUND");
        using var unknown = await _host.Get("/v1/commands/nobody");
        await unknown.Problem(404, "NOT_FOUND");
        using var odd = await _host.Get("/v1/tasks/t/partials?limit=x");
        Assert.Equal(["#/query/limit"], (await odd.Problem(400, "MSG001")).Pointers());
    }

    private async Task Say<T>(T answer) where T : class
    {
        var bus = (MassTransit.IBus)_host.Services.GetService(typeof(MassTransit.IBus))!;
        var endpoint = await bus.GetSendEndpoint(Contracts.Wire.Endpoints.Address(Contracts.Wire.Endpoints.Commands));
        await endpoint.Send(answer);
    }

    private static string IdOf(object command) =>
        JsonSerializer.SerializeToElement(command, command.GetType(), Contracts.Wire.WireJson.Options).Text("command_id")!;
}

internal static class Fields
{
    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) ? member.GetString() : null;

    public static int Whole(this JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
