using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Requirements 79 and 82 over HTTP: what may be said about several agents, and what is shown of them.</summary>
public sealed class GroupTests : IAsyncLifetime
{
    private const string Broadcast = """
        {"task_id":"b","task_type":"a","mode":"broadcast","agents":["x","y"],"completion":"quorum","quorum":2}
        """;

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_broadcast_and_a_race_reach_the_Scheduler_as_they_were_asked_for()
    {
        using var first = await _host.Post("/v1/tasks", Broadcast);
        using var second = await _host.Post("/v1/tasks", """{"task_id":"r","task_type":"a","mode":"competitive","competitors":3}""");
        Assert.Equal((202, 202), ((int)first.StatusCode, (int)second.StatusCode));

        var both = await Eventually.Seen(
            _ => Task.FromResult(_host.Neighbours.Submitted.ToArray()), seen => seen.Length == 2, "both reached the Scheduler");
        var submitted = both.ToDictionary(one => one.TaskId);
        Assert.Equal((TaskMode.Broadcast, GroupCompletion.Quorum, 2), (submitted["b"].Mode, submitted["b"].Completion, submitted["b"].Quorum));
        Assert.Equal(["x", "y"], submitted["b"].Agents!);
        Assert.Equal((TaskMode.Competitive, 3), (submitted["r"].Mode, submitted["r"].Competitors));
        using var view = await _host.Get("/v1/tasks/b");
        Assert.Equal("""{"completion":"quorum","members":[]}""", (await view.Json()).GetProperty("group").GetRawText());
    }

    [Theory]
    [InlineData("\"mode\":\"broadcast\",\"agents\":\"x\"", "#/agents")]
    [InlineData("\"mode\":\"broadcast\",\"agents\":[\"x\",7]", "#/agents")]
    [InlineData("\"mode\":\"broadcast\",\"agents\":[\"x\",\"x\"]", "#/agents/1")]
    [InlineData("\"mode\":\"broadcast\",\"completion\":\"some\"", "#/completion")]
    [InlineData("\"mode\":\"broadcast\",\"completion\":\"quorum\"", "#/quorum")]
    [InlineData("\"mode\":\"broadcast\",\"quorum\":1.5", "#/quorum")]
    [InlineData("\"mode\":\"broadcast\",\"as_member\":true", "#/as_member")]
    [InlineData("\"mode\":\"broadcast\",\"responder_agent_id\":\"x\"", "#/responder_agent_id")]
    [InlineData("\"mode\":\"competitive\",\"competitors\":99", "#/competitors")]
    [InlineData("\"mode\":\"competitive\",\"quorum\":1", "#/quorum")]
    [InlineData("\"agents\":[\"x\"]", "#/agents")]
    public async Task What_cannot_be_said_is_named(string members, string pointer)
    {
        using var reply = await _host.Post("/v1/tasks", $$"""{"task_type":"a",{{members}}}""");
        Assert.Equal([pointer], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task Members_are_shown_with_agent_task_and_state()
    {
        _host.Neighbours.Put("g", TaskState.Running, document => document with
        {
            Mode = TaskMode.Competitive,
            Group = new GroupState
            {
                Completion = GroupCompletion.Any,
                Needed = 1,
                Members = [new MemberState { AgentId = "x", TaskId = "t", State = TaskState.Running }],
            },
        });

        using var view = await _host.Get("/v1/tasks/g");

        Assert.Equal("""{"completion":"any","needed":1,"members":[{"agent_id":"x","task_id":"t","state":"running"}]}""",
            (await view.Json()).GetProperty("group").GetRawText());
    }
}
