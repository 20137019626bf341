using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Constructed situations about labels and devices, and what is said about each (experience, reason codes).</summary>
public sealed class WhyItWaitsPlacementTests
{
    private const int Gib = 1024;
    private static readonly PlacementRule InEurope = Claims.Where("zone", "eu") with { OnInfeasible = OnInfeasible.Wait };
    private readonly Situation _it = new();

    [Fact]
    public async Task Nobody_has_the_label()
    {
        await _it.Online(Claims.Agent("a").Labelled(("zone", "us")), Claims.Agent("b"));
        await _it.Waits(Claims.Of("t", place: InEurope));

        await _it.Shows("t", "NO_AGENT_MATCHES_CONSTRAINTS", "2 excluded by label zone=eu");
        Assert.Equal(["zone=eu"], (await _it.Why("t")).Agents[0].Unmet);
    }

    [Fact]
    public async Task Some_have_the_label_but_not_the_memory_and_others_the_memory_but_not_the_label()
    {
        await _it.Online([.. new[] { "a", "b", "c" }.Select(id => Claims.Agent(id, slots: 4, memoryMib: 16 * Gib).Labelled(("zone", "eu")))]);
        foreach (var id in new[] { "a", "b", "c" }) { await _it.Runs("on-" + id, id, memoryMib: 12 * Gib); }
        await _it.Online(Claims.Agent("d", memoryMib: 64 * Gib).Labelled(("zone", "us")), Claims.Agent("e", memoryMib: 64 * Gib));
        await _it.Waits(Claims.Of("t", memoryMib: 8 * Gib, place: InEurope));

        await _it.Shows("t", "INSUFFICIENT_RESOURCES", "memory short by 4 GiB on 3 agents; 2 excluded by label zone=eu");
    }

    [Fact]
    public async Task Two_labels_exclude_different_agents()
    {
        await _it.Online(Claims.Agent("a").Labelled(("zone", "eu"), ("tier", "spot")), Claims.Agent("b").Labelled(("zone", "us")));
        await _it.Waits(Claims.Of("t", place: InEurope with
        {
            Constraints = [.. InEurope.Constraints, new LabelConstraint { Label = "tier", Op = LabelOp.NotIn, Values = ["spot", "test"] }],
        }));

        await _it.Shows("t", "NO_AGENT_MATCHES_CONSTRAINTS",
            "1 excluded by label tier not in (spot, test); 1 excluded by label zone=eu");
    }

    [Fact]
    public async Task The_agents_with_the_label_are_away()
    {
        await _it.Online(Claims.Agent("a").Labelled(("zone", "eu")), Claims.Agent("b"));
        await _it.Leaves("a");
        await _it.Waits(Claims.Of("t", place: Claims.Where("zone", "eu")));

        await _it.Shows("t", "NO_AGENT_MATCHES_CONSTRAINTS", "1 excluded by label zone=eu; 1 offline");
        Assert.Contains("offline", (await _it.Why("t")).Reasons[0].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_too_large_for_everybody_and_waits_for_another_agent()
    {
        await _it.Online(Claims.Agent("a", memoryMib: 8 * Gib));
        await _it.Waits(Claims.Of("t", memoryMib: 32 * Gib, place: new PlacementRule { OnInfeasible = OnInfeasible.Wait }));

        await _it.Shows("t", "INFEASIBLE_NOW", "memory too small by 24 GiB on 1 agent");
    }

    [Fact]
    public async Task An_operator_keeps_some_agents_from_getting_work_and_drains_another()
    {
        await _it.Online(Claims.Agent("a"), Claims.Agent("b"), Claims.Agent("c"));
        await _it.Steered("a", SteerAction.Cordon);
        await _it.Steered("b", SteerAction.Drain);
        await _it.Runs("1", "c");
        await _it.Waits(Claims.Of("t"));

        await _it.Shows("t", "AGENT_CAPACITY", "every slot taken on 1 agent; 1 cordoned; 1 draining");
    }

    [Fact]
    public async Task The_only_agent_that_is_asked_is_cordoned()
    {
        await _it.Online(Claims.Agent("a"));
        await _it.Steered("a", SteerAction.Cordon);
        await _it.Waits(Claims.Of("t", pin: "a"));

        await _it.Shows("t", "PINNED_AGENT_OFFLINE", "1 cordoned");
        Assert.Equal("agent a is cordoned", (await _it.Why("t")).Reasons[0].Sentence);
        await _it.Steered("a", SteerAction.Drain);
        Assert.Equal("agent a is draining", (await _it.Why("t")).Reasons[0].Sentence);
    }

    [Fact]
    public async Task Every_device_is_in_somebodys_hand_and_it_is_said_in_whose()
    {
        await _it.Online(Claims.Agent("a", slots: 4, gpus: 2));
        await _it.Runs("one", "a", gpus: 1);
        await _it.Runs("two", "a", gpus: 1);
        await _it.Waits(Claims.Of("t", gpus: 1));

        await _it.Shows("t", "INSUFFICIENT_RESOURCES", "gpu short by 1 on 1 agent");
        Assert.Equal(["a/slot a/gpu/0", "a/slot a/gpu/1"],
            (await _it.Why("t")).Agents[0].Holders.Select(holder => string.Join(' ', holder.Resources.Select(one => one.ResourceId))));
    }
}
