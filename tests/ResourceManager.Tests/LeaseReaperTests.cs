using A2A.Micro.ResourceManager.Agents;
using A2A.Micro.ResourceManager.Ledger;
using Microsoft.Extensions.Logging.Abstractions;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>How long room stays taken that nobody uses any more (reliability G7, I10), on the manual clock.</summary>
public sealed class LeaseReaperTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ManualClock _clock = new(Claims.Noon);
    private readonly RecordingOutbox _outbox = new();
    private readonly InMemoryPool _pool;

    public LeaseReaperTests() =>
        _pool = new InMemoryPool(_outbox, Microsoft.Extensions.Options.Options.Create(new ResourceManagerOptions()), _clock);

    [Fact]
    public async Task Room_of_a_dead_agent_is_given_to_another_within_thirty_seconds_of_its_last_word()
    {
        using var reaper = new LeaseReaper(_pool,
            Microsoft.Extensions.Options.Options.Create(new ResourceManagerOptions()), _clock, NullLogger<LeaseReaper>.Instance);
        await reaper.StartAsync(None);
        await _pool.Announce(Claims.Agent("dies"), None);
        _ = await _pool.Claim(Claims.Of("1"), None);
        _clock.Advance(TimeSpan.FromSeconds(3)); // between two sweeps: the worst case is not the one that fits
        Assert.True(await _pool.Heartbeat("dies", 1, None));
        var last = _clock.GetUtcNow();

        while (_outbox.About("1").Count == 0)
        {
            Assert.True(_clock.GetUtcNow() - last < TimeSpan.FromSeconds(30), "still held after 30 s");
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            await Eventually.True(() => _clock.ArmedTimers > 0, "the sweep waits again");
        }

        Assert.Equal("AGENT_SILENT", Assert.IsType<ClaimRevoked>(_outbox.About("1")[0]).Code);
        Assert.InRange(_clock.GetUtcNow() - last, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));
        await reaper.StopAsync(None);
    }

    [Fact]
    public async Task Room_of_a_task_that_ends_is_in_the_hands_of_the_next_before_the_clock_moves()
    {
        await _pool.Announce(Claims.Agent("a"), None);
        _ = await _pool.Claim(Claims.Of("1"), None);
        _ = await _pool.Claim(Claims.Of("2"), None);

        _ = await _pool.Release(Claims.Key("1"), null, None);

        var held = Assert.Single((await _pool.Look(None)).Held);
        Assert.Equal(("2", _clock.GetUtcNow()), (held.Attempt.TaskId, held.GrantedAt));
    }
}
