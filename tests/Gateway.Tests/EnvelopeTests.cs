using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Requirements 29, 30: every request is answered, by one door for all kinds, over HTTP and over the bus.</summary>
[Trait("Requirement", "18")]
[Trait("Requirement", "29")]
[Trait("Requirement", "30")]
[Trait("Requirement", "40")]
[Trait("Requirement", "89")]
public sealed class EnvelopeTests : IAsyncLifetime
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
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("""{"message_type":"task.submit","request_id":"r-1","payload":SEED}""")]
    [InlineData("""{"type":"task.submit","request_id":"r-1","payload":SEED}""")]
    [InlineData("""{"message_type":"task.submit","request_id":"r-1",FLAT""")]
    public async Task The_seeds_submission_goes_in_by_every_form_of_the_envelope_and_is_the_task_of_its_own_route(string form)
    {
        var body = form.Replace("SEED", SubmitTests.SeedExample, StringComparison.Ordinal)
            .Replace("FLAT", SubmitTests.SeedExample.TrimStart()[1..], StringComparison.Ordinal);
        using var reply = await _host.Post("/v1/messages", body);
        Assert.Equal((202, "/v1/tasks/task-123e4567-e89b"), ((int)reply.StatusCode, reply.Headers.Location?.OriginalString));
        var answer = await reply.Json();
        Assert.Equal(("task.response", "task.submit", "r-1", 202),
            (answer.Text("message_type"), answer.Text("in_reply_to"), answer.Text("request_id"), answer.Whole("status")));
        Assert.Equal("task-123e4567-e89b", answer.GetProperty("payload").Text("task_id"));
        using var again = await _host.Post("/v1/tasks", SubmitTests.SeedExample);
        Assert.Equal(200, (int)again.StatusCode);
    }

    [Theory]
    [InlineData("""{"message_type":"task.control.pause","payload":{"task_id":"t","reason":"lunch"}}""")]
    [InlineData("""{"type":"task.control.pause","task_id":"t","reason":"lunch"}""")]
    [InlineData("""{"message_type":"task.control","payload":{"command":"pause","task_id":"t","reason":"lunch"}}""")]
    public async Task A_command_reaches_its_handler_by_its_prefix_and_is_acknowledged(string body)
    {
        _ = _host.Neighbours.Put("t", TaskState.Running);
        using var reply = await _host.Post("/v1/messages", body);
        var answer = await reply.Json();
        Assert.Equal((200, "task.control.ack"), ((int)reply.StatusCode, answer.Text("message_type")));
        Assert.Equal(("applied", "pause"), (answer.GetProperty("payload").Text("status"), answer.GetProperty("payload").Text("command")));
        Assert.Equal("lunch", Assert.IsType<PauseTask>(Assert.Single(_host.Neighbours.Commands)).Reason);
    }

    [Theory]
    [InlineData("""{"message_type":"task.destroy","payload":{}}""", "task.destroy")]
    [InlineData("""{"type":"data_processing","task_id":"t"}""", "data_processing")]
    [InlineData("""{"message_type":"task.control.explode","payload":{"task_id":"t"}}""", "task.control.explode")]
    [InlineData("""{"message_type":"task.control","payload":{"command":"explode","task_id":"t"}}""", "task.control.explode")]
    [InlineData("""{"message_type":"resource.allocate","payload":{"task_id":"t"}}""", "resource.allocate")]
    public async Task A_kind_that_nobody_answers_names_itself(string body, string kind)
    {
        using var reply = await _host.Post("/v1/messages", body);
        var problem = await reply.Problem(400, "UNSUPPORTED_REQUEST");
        Assert.Contains($"'{kind}'", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(["#/message_type"], problem.Pointers());
    }

    [Theory]
    [InlineData("""{"payload":{}}""", 400, "MSG001", "#/message_type")]
    [InlineData("""{"message_type":"task.submit","type":"task.status","payload":{}}""", 400, "MSG001", "#/type")]
    [InlineData("""{"message_type":"task.submit","payload":7}""", 400, "MSG001", "#/payload")]
    [InlineData("""{"message_type":7,"payload":{}}""", 400, "MSG001", "#/message_type")]
    [InlineData("""{"message_type":"task.submit","payload":{"task_type":"a","priority":9}}""", 400, "MSG001", "#/payload/priority")]
    [InlineData("""{"message_type":"task.submit","task_type":"a","priority":9}""", 400, "MSG001", "#/priority")]
    [InlineData("""{"message_type":"task.submit","payload":{"task_type":"a"},"colour":"red"}""", 400, "MSG001", "#/colour")]
    [InlineData("""{"message_type":"task.control.pause","payload":{}}""", 400, "MSG001", "#/payload/task_id")]
    [InlineData("""{"message_type":"task.control","payload":{"task_id":"t"}}""", 400, "MSG001", "#/payload/command")]
    [InlineData("""{"message_type":"task.status","payload":{"task_id":"t"}}""", 400, "MSG001", "#/payload/status")]
    public async Task A_mistake_is_named_where_the_caller_made_it(string body, int status, string code, string pointer)
    {
        using var reply = await _host.Post("/v1/messages", body);
        Assert.Contains(pointer, (await reply.Problem(status, code)).Pointers());
    }

    [Fact]
    public async Task A_refusal_is_the_problem_of_the_native_route()
    {
        using var unknown = await _host.Post("/v1/messages", """{"message_type":"task.control.cancel","payload":{"task_id":"nobody"}}""");
        await unknown.Problem(404, "NOT_FOUND");
        using var not = await _host.Post("/v1/messages", "this is not JSON");
        await not.Problem(400, "MSG001");
    }

    [Fact]
    public async Task Headers_go_with_the_message()
    {
        const string Body = """{"message_type":"task.submit","payload":{"task_type":"a"}}""";
        using var first = await _host.Post("/v1/messages", Body, ("Idempotency-Key", "\"k\""));
        using var again = await _host.Post("/v1/messages", Body, ("Idempotency-Key", "\"k\""));
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal((await first.Json()).GetProperty("payload").Text("task_id"), (await again.Json()).GetProperty("payload").Text("task_id"));
    }

    [Theory]
    [InlineData(1, "agent-1", TaskState.Running, 202)]
    [InlineData(2, "agent-1", TaskState.Running, 409)]
    [InlineData(1, "agent-2", TaskState.Running, 409)]
    [InlineData(1, "agent-1", TaskState.Completed, 409)]
    [InlineData(null, null, TaskState.Running, 409)]
    public async Task Only_the_agent_that_has_the_task_may_report(int? attempt, string? agent, TaskState state, int status)
    {
        _ = _host.Neighbours.Put("t", state, document => document with { AgentId = "agent-1" });
        var report = JsonSerializer.Serialize(new
        {
            message_type = "task.status",
            payload = new { task_id = "t", status = "running", progress = 0.45, metrics = new { cpu_usage = 75.5 }, attempt, executor_agent_id = agent },
        });
        using var reply = await _host.Post("/v1/messages", report);
        Assert.Equal(status, (int)reply.StatusCode);
        if (status == 202) { await Eventually.True(() => _host.Neighbours.Reports.SingleOrDefault()?.Progress == 0.45, "the report arrives"); }
        else { await reply.Problem(409, "CONFLICT"); }
    }

    [Fact]
    public async Task A_request_client_gets_a_result_or_an_error_and_never_a_fault()
    {
        _ = _host.Neighbours.Put("t", TaskState.Running);
        var submitted = await Ask("task.submit", """{"task_type":"a","task_id":"by-bus"}""");
        Assert.Equal((202, "task.submit", "by-bus"), (submitted.Status, submitted.InReplyTo, submitted.Payload?.Text("task_id")));
        var acknowledged = await Ask("task.control.pause", """{"task_id":"t"}""");
        Assert.Equal((200, "task.control.ack"), (acknowledged.Status, acknowledged.MessageType));
        var unsupported = await Ask("task.destroy", "{}");
        Assert.Equal((400, "error", "UNSUPPORTED_REQUEST"), (unsupported.Status, unsupported.MessageType, unsupported.Error?.Text("code")));
        var wrong = await Ask("task.submit", """{"task_type":"a","priority":9}""");
        Assert.Equal((400, "#/payload/priority"), (wrong.Status, wrong.Error!.Value.Pointers().Single()));
        var twice = await Ask("task.submit", """{"task_type":"a","task_type":"b"}""");
        Assert.Equal((400, "MSG001"), (twice.Status, twice.Error?.Text("code")));
        var nothing = await Ask(null, null);
        Assert.Equal((400, "MSG001"), (nothing.Status, nothing.Error?.Text("code")));
    }

    [Fact]
    public async Task A_request_that_is_delivered_twice_makes_one_task()
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var endpoint = await _host.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Requests));
        for (var time = 0; time < 2; time++)
        {
            await endpoint.Send(
                new TaskRequest { MessageType = "task.submit", Payload = JsonElement.Parse("""{"task_type":"a"}""") }, context => context.MessageId = id);
        }

        await endpoint.Send(new TaskRequest { MessageType = "task.submit", Payload = JsonElement.Parse("""{"task_type":"a","task_id":"last"}""") });
        await Eventually.True(() => _host.Neighbours.Submitted.Any(task => task.TaskId == "last"), "the last one arrives");
        Assert.Equal(2, _host.Neighbours.Submitted.Select(task => task.TaskId).Distinct().Count());
    }

    private async Task<TaskResponse> Ask(string? type, string? payload)
    {
        var bus = _host.Services.GetRequiredService<IBus>();
        var client = bus.CreateRequestClient<TaskRequest>(Endpoints.Address(Endpoints.Requests), RequestTimeout.After(s: 20));
        var answer = await client.GetResponse<TaskResponse>(
            new TaskRequest { MessageType = type, Payload = payload is null ? null : JsonElement.Parse(payload) });
        return answer.Message;
    }
}
