using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Views;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Room that is made for more urgent claims, alike in every implementation of <see cref="IPool"/>.</summary>
public abstract class PreemptionConformance : FleetConformance
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly PlacementRule Yields = new() { Preemptible = true };

    [Fact]
    public async Task The_one_that_began_last_makes_room_for_a_critical_one_which_gets_it_before_whoever_stands_before_it()
    {
        await Pool.Announce(Claims.Agent("a", slots: 3, memoryMib: 30), None);
        _ = await Grant(Claims.Of("firm", memoryMib: 10));
        _ = await Grant(Claims.Of("b-old", memoryMib: 10, place: Yields));
        _ = await Grant(Claims.Of("a-young", memoryMib: 10, place: Yields));
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("patient", memoryMib: 10, enqueuedS: -9999), None));

        var waits = Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("urgent", memoryMib: 10, priority: 4, enqueuedS: 1), None));
        _ = await Pool.ReapSilent(TimeSpan.FromHours(1), None);

        var asked = Assert.Single(SaidAbout("a-young").OfType<PreemptAttempt>());
        Assert.Equal((1, "a", "urgent"), (asked.Attempt, asked.AgentId, asked.ForTaskId));
        Assert.Empty(SaidAbout("b-old").OfType<PreemptAttempt>());
        var why = WaitExplainer.Of((await Pool.Look("urgent", None))!, [], TimeSpan.FromHours(24));
        Assert.Equal(("PREEMPTING", "a-young of a lower priority saves its work and makes room on a"), (why.Reasons[0].Code, why.Reasons[0].Sentence));
        Assert.True(waits.Why.Code is "PREEMPTING" or "AGENT_CAPACITY", waits.Why.Code);

        _ = await Pool.Release(Claims.Key("a-young"), null, None);
        Assert.Equal("a", Assert.Single(SaidAbout("urgent").OfType<ResourcesAllocated>()).AgentId);
        Assert.Empty(SaidAbout("patient").OfType<ResourcesAllocated>());
    }

    [Fact]
    public async Task Nobody_is_asked_twice_nor_by_its_equals_nor_without_having_said_that_it_yields()
    {
        await Pool.Announce(Claims.Agent("a", slots: 3), None);
        _ = await Grant(Claims.Of("firm"));
        _ = await Grant(Claims.Of("equal", priority: 4, place: Yields));
        _ = await Grant(Claims.Of("yields", priority: 1, place: Yields));
        foreach (var (task, priority) in new[] { ("high", 3), ("urgent-1", 4), ("urgent-2", 4) })
        {
            Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of(task, priority: priority), None));
        }

        _ = await Pool.ReapSilent(TimeSpan.FromHours(1), None);
        _ = await Pool.ReapSilent(TimeSpan.FromHours(1), None);

        Assert.Equal("urgent-1", Assert.Single(SaidAbout("yields").OfType<PreemptAttempt>()).ForTaskId);
        Assert.Empty(SaidAbout("firm"));
        Assert.Empty(SaidAbout("equal"));
    }

    [Fact]
    public async Task What_is_made_for_one_who_goes_away_is_given_to_others()
    {
        await Pool.Announce(Claims.Agent("a"), None);
        _ = await Grant(Claims.Of("yields", priority: 1, place: Yields));
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("urgent", priority: 4), None));
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("other", enqueuedS: 1), None));
        _ = await Pool.ReapSilent(TimeSpan.FromHours(1), None);
        _ = await Pool.Release(Claims.Key("urgent"), null, None);

        _ = await Pool.Release(Claims.Key("yields"), null, None);

        Assert.Single(SaidAbout("other").OfType<ResourcesAllocated>());
    }
}
