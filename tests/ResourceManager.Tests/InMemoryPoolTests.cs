using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Tests;

public sealed class InMemoryPoolTests : PreemptionConformance
{
    private readonly RecordingOutbox _outbox = new();
    private readonly ManualClock _clock = new(Claims.Noon);
    private readonly InMemoryPool _pool;

    public InMemoryPoolTests() =>
        _pool = new InMemoryPool(_outbox, Microsoft.Extensions.Options.Options.Create(LineOptions()), _clock);

    protected override IPool Pool => _pool;

    protected override IReadOnlyList<object> SaidAbout(string task) => _outbox.About(task);

    // Everybody is silent while the clock moves; the others speak up again.
    protected override async Task Silence(string agentId)
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        foreach (var agent in (await _pool.Agents(CancellationToken.None)).Where(agent => agent.AgentId != agentId))
        {
            _ = await _pool.Heartbeat(agent.AgentId, 1, CancellationToken.None);
        }
    }

    [Fact]
    public async Task Closed_attempts_are_forgotten_in_time()
    {
        for (var i = 0; i < 5; i++) { _ = await _pool.Release(Claims.Key("t" + i), null, CancellationToken.None); }

        Assert.IsType<ClaimAnswer.Closed>(await _pool.Claim(Claims.Of("t4"), CancellationToken.None));
        Assert.IsType<ClaimAnswer.Waits>(await _pool.Claim(Claims.Of("t0"), CancellationToken.None));
    }
}
