using A2A.Micro.Contracts.Agents;
using A2A.Micro.Security;

namespace A2A.Micro.Gateway.Tests;

/// <summary>An agent whose messages are refused again and again gets no more work, and whoever looks at it sees why.</summary>
[Trait("Requirement", "44")]
public sealed class AgentSuspensionTests : IAsyncLifetime
{
    private const int Max = 3;
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(
        ("A2A:Gateway:AgentRefusalsMax", "3"), ("A2A:Gateway:AgentRefusalsWithin", "01:00:00"), ("Logging:LogLevel:Default", "None"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task An_agent_that_is_refused_too_often_is_cordoned_once_and_with_the_reason()
    {
        _host.Neighbours.Agents.AddRange([Agent("liar"), Agent("clumsy"), Agent("kept") with { Cordon = new AgentCordon { Drains = true, Since = default } }]);

        await Refuse("clumsy", Max);
        await Refuse("kept", 2 * Max);
        await Refuse("nobody", 2 * Max);
        await Refuse("liar", 2 * Max);

        await Eventually.True(() => !_host.Neighbours.Steers.IsEmpty, "the liar is cordoned");
        var said = Assert.Single(_host.Neighbours.Steers);
        Assert.Equal(("liar", SteerAction.Cordon), (said.AgentId, said.Action));
        Assert.Contains("more than 3 of its messages were refused within 01:00:00", said.Reason, StringComparison.Ordinal);
        var row = await Eventually.Seen(async _ => await (await _host.Get("/v1/audit?limit=200")).Json(),
            seen => seen.GetRawText().Contains("cordonAgent", StringComparison.Ordinal), "it is in the audit");
        Assert.Contains("\"liar\"", row.GetRawText(), StringComparison.Ordinal);
    }

    private async Task Refuse(string agent, int times)
    {
        _host.Neighbours.SubmitFails = new SecurityBreachException(
            $"{SecurityBreachException.Word} NOT_ITS_NAME: a message of {agent} to scheduler.tasks");
        for (var i = 0; i < times; i++)
        {
            using var reply = await _host.Post("/v1/tasks", $$"""{"task_id":"{{agent}}-{{i}}","task_type":"a"}""");
            Assert.Equal(202, (int)reply.StatusCode);
        }

        for (var i = 0; i < times; i++)
        {
            var letter = $"/v1/dead-letters?task_id={agent}-{i}";
            await Eventually.Seen(async _ => await (await _host.Get(letter)).Json(),
                seen => seen.GetRawText().Contains("NOT_ITS_NAME", StringComparison.Ordinal), "it is parked");
        }
    }

    internal static AgentView Agent(string id) => new()
    {
        AgentId = id,
        State = "online",
        TaskTypes = ["a"],
        Capacity = new AgentCapacity { Slots = 1 },
        Used = new AgentCapacity { Slots = 0 },
        Tasks = [],
        LastSeenAt = DateTimeOffset.UnixEpoch,
    };
}
