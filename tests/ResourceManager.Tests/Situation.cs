using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Views;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>A fleet and a line as a test wants them, and the question why somebody waits.</summary>
internal sealed class Situation
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ManualClock _clock = new(Claims.Noon);
    private readonly InMemoryPool _pool;
    private readonly List<TypeRunTime> _history = [];

    public Situation(ResourceManagerOptions? options = null) =>
        _pool = new InMemoryPool(new RecordingOutbox(), Options.Create(options ?? new ResourceManagerOptions()), _clock);

    public async Task Online(params Announcement[] agents)
    {
        foreach (var agent in agents) { await _pool.Announce(agent, None); }
    }

    public Task Drains(string agent) => _pool.Drain(agent, 1, None);

    public Task Steered(string agent, Contracts.Agents.SteerAction action) => _pool.Steer(agent, action, "a test", None);

    public Task Leaves(string agent) => _pool.Leave(agent, 1, None);

    public void Passes(TimeSpan time) => _clock.Advance(time);

    public async Task Reaps() => _ = await _pool.ReapSilent(TimeSpan.FromSeconds(20), None);

    public async Task Runs(
        string task, string agent, string type = "data.analysis", long memoryMib = 0, long gpus = 0, string requester = Policy.QuotaRules.Anonymous)
    {
        var granted = Assert.IsType<ClaimAnswer.Granted>(await _pool.Claim(
            Claims.Of(task, type: type, memoryMib: memoryMib, gpus: gpus, pin: agent) with { Requester = requester }, None));
        Assert.Equal(agent, granted.Place.AgentId);
    }

    public Task Beats(string agent) => _pool.Heartbeat(agent, 1, None);

    public async Task Fails(string task) => _ = await _pool.Release(Claims.Key(task), null, AttemptOutcome.Failed, None);

    public async Task Waits(ResourceClaim claim) => Assert.IsType<ClaimAnswer.Waits>(await _pool.Claim(claim, None));

    /// <summary>Work of a type runs so many seconds: short, usual, long.</summary>
    public void Known(string type, double p05, double p50, double p95) =>
        _history.Add(new TypeRunTime { TaskType = type, P05S = p05, P50S = p50, P95S = p95 });

    public async Task<AgentsFound> Finds(ResourceClaim claim, int most = 100) =>
        AgentSearch.Of(claim, await _pool.Look(None), most, TimeSpan.FromHours(24));

    public async Task<WaitExplanation> Why(string task)
    {
        var seen = await _pool.Look(task, None);
        Assert.NotNull(seen);
        var why = WaitExplainer.Of(seen, _history, TimeSpan.FromHours(24));
        // Never without an answer, whatever the situation (experience B2).
        Assert.All(why.Reasons, reason => Assert.False(string.IsNullOrWhiteSpace(reason.Code) || string.IsNullOrWhiteSpace(reason.Sentence)));
        Assert.InRange(why.Position, 1, why.LineLength);
        return why;
    }

    /// <summary>The codes and the summary, which most situations are about.</summary>
    public async Task Shows(string task, string codes, string summary)
    {
        var why = await Why(task);
        Assert.Equal((codes, summary), (string.Join(' ', why.Reasons.Select(reason => reason.Code)), why.Summary));
    }
}
