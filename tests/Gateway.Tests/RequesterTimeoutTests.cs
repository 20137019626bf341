using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tests;

/// <summary>A submitter that waits only so long (requirements 91).</summary>
[Trait("Requirement", "91")]
public sealed class RequesterTimeoutTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(("A2A:Gateway:AnswerTimeout", "00:00:00.500"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Requirement_91_the_task_is_cancelled_when_the_requester_has_waited_long_enough()
    {
        using var reply = await _host.Post("/v1/tasks?wait=1&on_timeout=cancel", """{"task_id":"late","task_type":"a.b"}""");

        Assert.Equal(202, (int)reply.StatusCode);
        Assert.True((await reply.Json()).GetProperty("cancel_requested").GetBoolean());
        var command = Assert.Single(_host.Neighbours.Cancels);
        Assert.Equal(("late", "the requester waited 1 s and wants it no longer"), (command.TaskId, command.Reason));

        using var again = await _host.Post("/v1/tasks?wait=1&on_timeout=cancel", """{"task_id":"late","task_type":"a.b"}""");
        Assert.Single(_host.Neighbours.Cancels.Select(one => one.CommandId).Distinct());
    }

    [Fact]
    public async Task The_task_goes_on_unless_the_requester_says_otherwise()
    {
        using var reply = await _host.Post("/v1/tasks?wait=1", """{"task_id":"goes-on","task_type":"a.b"}""");
        Assert.Equal(202, (int)reply.StatusCode);
        Assert.False((await reply.Json()).TryGetProperty("cancel_requested", out _));
        Assert.Empty(_host.Neighbours.Cancels);
    }

    [Fact]
    public async Task A_task_that_ends_in_time_is_not_cancelled()
    {
        _ = _host.Neighbours.Put("quick", TaskState.Completed);
        using var reply = await _host.Post("/v1/tasks?wait=1&on_timeout=cancel", """{"task_id":"quick","task_type":"a.b"}""");
        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Empty(_host.Neighbours.Cancels);
    }

    [Fact]
    public async Task A_cancel_that_nobody_answers_is_kept_and_carried_out_later()
    {
        _host.Neighbours.OnCancel = _ => null;
        using var reply = await _host.Post("/v1/tasks?wait=1&on_timeout=cancel", """{"task_type":"a.b"}""");
        Assert.Equal(202, (int)reply.StatusCode);
        var receipt = await reply.Json();
        Assert.True(receipt.GetProperty("cancel_requested").GetBoolean());
        using var commands = await _host.Get($"/v1/tasks/{receipt.GetProperty("task_id").GetString()}/commands");
        Assert.Contains("\"pending\"", await commands.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?wait=1&on_timeout=explode")]
    [InlineData("?on_timeout=cancel")]
    [InlineData("?wait=0&on_timeout=cancel")]
    public async Task What_makes_no_sense_is_refused_before_anything_is_stored(string query)
    {
        using var reply = await _host.Post("/v1/tasks" + query, """{"task_id":"none","task_type":"a.b"}""");
        Assert.Equal(["#/query/on_timeout"], (await reply.Problem(400, "MSG001")).Pointers());
        using var read = await _host.Get("/v1/tasks/none");
        Assert.Equal(404, (int)read.StatusCode);
    }
}
