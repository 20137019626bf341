using A2A.Micro.Contracts.Audit;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>What the pool decides against somebody is said to the audit, with the same commit.</summary>
[Trait("Requirement", "62")]
public sealed class DecisionTests
{
    private readonly Pool _pool = new(TimeSpan.FromHours(1), new LineRules
    {
        AgingStep = TimeSpan.FromSeconds(60),
        PreemptFrom = 4,
        Holds = new HoldRules(1, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1)),
    });

    public DecisionTests() => _ = _pool.Do(new PoolOperation.Announce(Claims.Agent("a")), Claims.Noon);

    [Fact]
    public void A_task_that_makes_room_for_another_is_named_with_the_reason()
    {
        _ = _pool.Do(new PoolOperation.ClaimRoom(Claims.Of("low", priority: 1, place: new PlacementRule { Preemptible = true })), Claims.Noon);
        _ = _pool.Do(new PoolOperation.ClaimRoom(Claims.Of("high", priority: 4)), Claims.Noon);
        var said = Said();
        Assert.Equal(("preemptTask", "low", 1, "a"), (said.Action, said.TaskId, said.Attempt, said.AgentId));
        Assert.Contains("for task high", said.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_on_which_work_comes_to_nothing_is_named_when_it_is_put_on_hold_and_not_again()
    {
        _ = _pool.Do(new PoolOperation.ClaimRoom(Claims.Of("1")), Claims.Noon);
        _ = _pool.Do(new PoolOperation.ReleaseRoom(Claims.Key("1"), null, Outcome: AttemptOutcome.Failed), Claims.Noon);
        var said = Said();
        Assert.Equal(("holdAgent", "a", null), (said.Action, said.AgentId, said.TaskId));
        Assert.Contains("1 the last", said.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_that_lost_work_by_its_silence_is_named_and_one_that_held_nothing_is_not()
    {
        _ = _pool.Do(new PoolOperation.Announce(Claims.Agent("idle", types: "other")), Claims.Noon);
        _ = _pool.Do(new PoolOperation.ClaimRoom(Claims.Of("1")), Claims.Noon);
        _ = _pool.Do(new PoolOperation.Reap(TimeSpan.FromSeconds(20)), Claims.Noon.AddMinutes(1));
        var said = Said();
        Assert.Equal(("quarantineAgent", "a"), (said.Action, said.AgentId));
    }

    private NoteDecision Said()
    {
        var saying = Assert.Single(_pool.Changes.Sayings, one => one.Message is NoteDecision);
        Assert.Equal(Endpoints.Audit, saying.To);
        return (NoteDecision)saying.Message;
    }
}
