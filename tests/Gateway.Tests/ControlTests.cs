using System.Net;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tests;

[Trait("Requirement", "16")]
[Trait("Requirement", "19")]
[Trait("Requirement", "20")]
[Trait("Requirement", "21")]
[Trait("Requirement", "93")]
public sealed class ControlTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.Start(("A2A:Gateway:AnswerTimeout", "00:00:02"));
        _host.Neighbours.Put("t", TaskState.Running);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_cancel_without_a_body_is_accepted_and_named()
    {
        using var reply = await _host.Send(HttpMethod.Post, "/v1/tasks/t/cancel", null);
        Assert.Equal(202, (int)reply.StatusCode);
        var answer = await reply.Json();
        Assert.Equal(("accepted", "t"), (answer.GetProperty("status").GetString(), answer.GetProperty("task_id").GetString()));
        Assert.StartsWith("command-", answer.GetProperty("command_id").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_that_is_done_already_answers_200_with_the_callers_id()
    {
        _host.Neighbours.OnCancel = command =>
            new ControlAcknowledged { CommandId = command.CommandId, Status = "applied", TaskId = command.TaskId };
        using var reply = await _host.Post("/v1/tasks/t/cancel", """{"reason":"changed my mind","command_id":"c-1"}""");
        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal("c-1", (await reply.Json()).GetProperty("command_id").GetString());
        Assert.Equal("changed my mind", _host.Neighbours.Cancels.Single().Reason);
    }

    [Fact]
    public async Task A_task_that_has_ended_cannot_be_cancelled()
    {
        _host.Neighbours.OnCancel = command => new ControlRejected
        {
            CommandId = command.CommandId,
            Reason = "TASK_NOT_CANCELABLE",
            TaskId = command.TaskId,
            State = TaskState.Completed,
        };
        using var reply = await _host.Send(HttpMethod.Post, "/v1/tasks/t/cancel", null);
        Assert.Equal("completed", (await reply.Problem(409, "TASK_NOT_CANCELABLE")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_cancel_that_overtakes_its_submission_is_repeated_until_the_Scheduler_knows_the_task()
    {
        var asked = 0;
        _host.Neighbours.OnCancel = command => Interlocked.Increment(ref asked) < 3
            ? new ControlRejected { CommandId = command.CommandId, Reason = "NOT_FOUND", TaskId = command.TaskId }
            : new ControlAcknowledged { CommandId = command.CommandId, Status = "applied", TaskId = command.TaskId };
        using var reply = await _host.Send(HttpMethod.Post, "/v1/tasks/t/cancel", null);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.True(asked >= 3, $"asked {asked} times");
    }

    [Fact]
    public async Task A_command_to_an_accepted_task_stays_pending_while_the_Scheduler_has_not_heard_of_the_task()
    {
        _host.Neighbours.OnCancel = command =>
            new ControlRejected { CommandId = command.CommandId, Reason = "NOT_FOUND", TaskId = command.TaskId };
        using var reply = await _host.Send(HttpMethod.Post, "/v1/tasks/t/cancel", null);
        Assert.Equal(202, (int)reply.StatusCode);
        Assert.Equal("pending", (await reply.Json()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Nobody_is_asked_about_a_task_that_nobody_knows()
    {
        using var reply = await _host.Send(HttpMethod.Post, "/v1/tasks/unknown/cancel", null);
        await reply.Problem(404, "NOT_FOUND");
        Assert.Empty(_host.Neighbours.Cancels);
    }

    [Fact]
    public async Task A_command_that_nobody_answers_is_stored_shown_as_pending_and_sent_again()
    {
        _host.Neighbours.OnCancel = _ => null;
        using var reply = await _host.Send(HttpMethod.Post, "/v1/tasks/t/cancel", null);
        Assert.Equal(202, (int)reply.StatusCode);
        Assert.True(reply.Headers.Contains("Retry-After"));
        using var shown = await _host.Get(reply.Headers.Location!.ToString());
        Assert.Equal("pending", (await shown.Json()).GetProperty("status").GetString());
        await Eventually.True(() => _host.Neighbours.Cancels.Count > 1, "it is sent again");
        _ = Assert.Single(_host.Neighbours.Cancels.Select(cancel => cancel.CommandId).Distinct());
    }

    [Theory]
    [InlineData("""{"reasn":"x"}""", "#/reasn")]
    [InlineData("""{"reason":7}""", "#/reason")]
    [InlineData("""{"command_id":"a b"}""", "#/command_id")]
    [InlineData("[]", "#")]
    public async Task A_wrong_cancel_is_named(string body, string pointer)
    {
        using var reply = await _host.Post("/v1/tasks/t/cancel", body);
        Assert.Equal([pointer], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task Agents_are_listed_and_found_by_id()
    {
        _host.Neighbours.Agents.Add(new AgentView
        {
            AgentId = "agent-1",
            State = "online",
            TaskTypes = ["data.*"],
            Capacity = new AgentCapacity { Slots = 4 },
            Used = new AgentCapacity { Slots = 1 },
            Tasks = [],
            LastSeenAt = DateTimeOffset.UnixEpoch,
        });
        using var all = await _host.Get("/v1/agents");
        Assert.Equal("agent-1", (await all.Json()).GetProperty("agents")[0].GetProperty("agent_id").GetString());
        using var one = await _host.Get("/v1/agents/agent-1");
        Assert.Equal("data.*", (await one.Json()).GetProperty("task_types")[0].GetString());
        using var none = await _host.Get("/v1/agents/agent-2");
        await none.Problem(404, "NOT_FOUND");
    }
}
