using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>When an agent gets no work because of what failed on it (reliability G12).</summary>
public sealed class AgentConductTests
{
    private static readonly HoldRules Rules = new(3, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));

    [Fact]
    public void Holds_double_up_to_the_longest_and_a_success_starts_anew()
    {
        AgentConduct? conduct = null;
        var (now, lengths) = (Claims.Noon, new List<double>());
        for (var i = 0; i < 7; i++)
        {
            conduct = AgentConduct.After(conduct, AttemptOutcome.Failed, "t" + i, Rules, now);
            if (conduct!.HeldUntil is not { } until) { continue; }
            lengths.Add((until - now).TotalSeconds);
            Assert.Same(conduct, conduct.At(until.AddTicks(-1)));
            (now, conduct) = (until, conduct.At(until));
        }

        Assert.Equal([10, 20, 40, 60, 60], lengths);
        Assert.Null(AgentConduct.After(conduct, AttemptOutcome.Succeeded, "t", Rules, now));
    }

    [Fact]
    public void One_task_that_fails_over_and_over_and_one_that_is_at_fault_itself_hold_nobody()
    {
        AgentConduct? conduct = null;
        for (var i = 0; i < 50; i++)
        {
            conduct = AgentConduct.After(conduct, i % 2 == 0 ? AttemptOutcome.Failed : AttemptOutcome.Unknown, "same", Rules, Claims.Noon);
        }

        Assert.Null(conduct!.HeldUntil);
        Assert.Null(AgentConduct.After(null, AttemptOutcome.Refused, "t", HoldRules.Never, Claims.Noon));
    }

    [Fact]
    public void It_is_held_exactly_when_so_many_different_tasks_failed_since_the_last_success() => Prop.ForAll(
        Gen.ArrayOf(from outcome in Gen.Choose(1, 3) from task in Gen.Choose(0, 9) select (Outcome: (AttemptOutcome)outcome, Task: "t" + task)).ToArbitrary(),
        ends =>
        {
            AgentConduct? conduct = null;
            var (failed, held) = (new HashSet<string>(), false);
            foreach (var (outcome, task) in ends)
            {
                conduct = AgentConduct.After(conduct, outcome, task, Rules, Claims.Noon);
                if (outcome == AttemptOutcome.Succeeded) { (failed, held) = ([], false); }
                else if (!held && failed.Add(task)) { held = failed.Count == 3; }
                Assert.Equal(held, conduct?.HeldUntil is not null);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_hold_that_is_over_ends_with_the_next_sweep_which_gives_its_room_to_whoever_waits()
    {
        var pool = new Pool(TimeSpan.FromHours(24), new LineRules { Holds = Rules });
        var now = Claims.Noon;
        _ = pool.Do(new PoolOperation.Announce(Claims.Agent("a", slots: 9)), now);
        for (var i = 0; i < 3; i++)
        {
            _ = pool.Do(new PoolOperation.ClaimRoom(Claims.Of("t" + i)), now);
            _ = pool.Do(new PoolOperation.ReleaseRoom(Claims.Key("t" + i), Outcome: AttemptOutcome.Failed), now);
        }

        Assert.IsType<ClaimAnswer.Waits>(pool.Do(new PoolOperation.ClaimRoom(Claims.Of("next")), now));
        _ = pool.Do(new PoolOperation.Reap(TimeSpan.FromDays(1)), now.AddSeconds(9));
        Assert.Equal(1, pool.Line.Count);
        // A new start of its process does not make it better.
        _ = pool.Do(new PoolOperation.Announce(Claims.Agent("a", slots: 9, incarnation: 2)), now.AddSeconds(9));
        Assert.Equal(1, pool.Line.Count);
        _ = pool.Do(new PoolOperation.Reap(TimeSpan.FromDays(1)), now.AddSeconds(10));
        Assert.Equal(0, pool.Line.Count);
    }
}
