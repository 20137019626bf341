using A2A.Micro.Contracts.Agents;

namespace A2A.Micro.Gateway.Tests;

/// <summary>An operator says whether an agent gets work.</summary>
public sealed class SteerTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.Start();
        _host.Neighbours.Agents.Add(new AgentView
        {
            AgentId = "gpu-02",
            State = "online",
            TaskTypes = ["image.*"],
            Capacity = new AgentCapacity { Slots = 1 },
            Used = new AgentCapacity { Slots = 0 },
            Tasks = [],
            LastSeenAt = DateTimeOffset.UnixEpoch,
            Cordon = new AgentCordon { Drains = false, Reason = "kernel update", Since = DateTimeOffset.UnixEpoch },
        });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("cordon", SteerAction.Cordon)]
    [InlineData("drain", SteerAction.Drain)]
    [InlineData("uncordon", SteerAction.Uncordon)]
    public async Task A_word_reaches_the_resource_manager_with_its_reason_and_the_agent_comes_back(string verb, SteerAction action)
    {
        using var reply = await _host.Post($"/v1/agents/gpu-02/{verb}", """{"reason":"kernel update"}""");

        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal("kernel update", (await reply.Json()).GetProperty("cordon").GetProperty("reason").GetString());
        Assert.Equal(("gpu-02", action, "kernel update"), _host.Neighbours.Steers.Select(said => (said.AgentId, said.Action, said.Reason)).Single());
    }

    [Fact]
    public async Task A_reason_may_be_left_out_and_must_be_a_text()
    {
        using var bare = await _host.Send(HttpMethod.Post, "/v1/agents/gpu-02/cordon", null);
        Assert.Equal(200, (int)bare.StatusCode);
        using var odd = await _host.Post("/v1/agents/gpu-02/cordon", """{"reason":7}""");
        Assert.Equal(["#/reason"], (await odd.Problem(400, "MSG001")).Pointers());
        Assert.Single(_host.Neighbours.Steers);
    }

    [Fact]
    public async Task An_agent_that_nobody_knows_is_not_found()
    {
        using var reply = await _host.Post("/v1/agents/nobody/drain", "{}");
        _ = await reply.Problem(404, "NOT_FOUND");
    }
}
