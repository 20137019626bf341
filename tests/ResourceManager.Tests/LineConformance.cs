using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using A2A.Micro.ResourceManager.Views;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Quotas, room that is kept, and holds, alike on every implementation of <see cref="IPool"/>.</summary>
public abstract class LineConformance : PlacementConformance
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Options that all of these tests share; no other test names these requesters.</summary>
    internal static ResourceManagerOptions LineOptions(int rememberMax = 50_000) => new()
    {
        RememberMax = rememberMax,
        RememberClosed = 3,
        RunningPerTenantMax = 12,
        EarmarkAfter = TimeSpan.Zero,
        HoldAfter = 3,
        HoldFirst = TimeSpan.FromMinutes(1),
        Quotas =
        {
            ["two"] = new QuotaSetting { Limit = new QuotaAmounts { Slots = 2 } },
            ["lent"] = new QuotaSetting { Guaranteed = new QuotaAmounts { MemoryGb = 0.5 }, Borrowing = false, Weight = 2 },
        },
    };

    [Fact]
    public async Task A_claim_above_the_quota_waits_and_gets_room_on_any_agent_when_its_requester_has_less()
    {
        await Pool.Announce(Claims.Agent("a", slots: 1), None);
        await Pool.Announce(Claims.Agent("b", slots: 4), None);
        Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Of("1", "two") with { Pin = "a" }, None));
        Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Of("2", "two") with { Pin = "b" }, None));
        var waits = Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Of("3", "two") with { Pin = "b" }, None));
        Assert.Equal(("REQUESTER_QUOTA", "requester two has its quota: 2 + 1 of at most 2 slots"), (waits.Why.Code, waits.Why.Sentence));
        Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Of("4", "other"), None));

        _ = await Pool.Release(Claims.Key("1"), null, None);

        Assert.Equal("b", Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("3"))).AgentId);
    }

    [Fact]
    [Trait("Requirement", "69")]
    public async Task A_tenant_with_as_much_at_work_as_it_may_have_waits_with_a_reason_and_stands_in_nobodys_way()
    {
        await Pool.Announce(Claims.Agent("a", slots: 11), None);
        await Pool.Announce(Claims.Agent("b", slots: 4), None);
        for (var i = 1; i <= 12; i++)
        {
            Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Claims.Of($"full@{i}", pin: i <= 11 ? "a" : "b"), None));
        }

        var waits = Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("full@13"), None));
        Assert.Equal(("TENANT_QUOTA", "tenant full has 12 tasks at work and may have 12"), (waits.Why.Code, waits.Why.Sentence));
        Assert.Equal("TENANT_QUOTA", WaitExplainer.Of((await Pool.Look("full@13", None))!, [], TimeSpan.FromHours(1)).Reasons[0].Code);
        Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Claims.Of("other@13"), None));
        Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Claims.Of("13"), None));

        // What comes back on one agent lets it have what is free on another.
        await Pool.Steer("a", SteerAction.Cordon, null, None);
        _ = await Pool.Release(Claims.Key("full@1"), null, None);
        Assert.Equal("b", Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("full@13"))).AgentId);
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("full@14"), None));
    }

    [Fact]
    public async Task Who_waits_for_a_quota_is_told_so_wherever_it_is_asked()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9), None);
        foreach (var task in new[] { "1", "2", "3" }) { _ = await Pool.Claim(Of(task, "two"), None); }

        var why = WaitExplainer.Of((await Pool.Look("3", None))!, [], TimeSpan.FromHours(1));
        var line = LineView.Of(await Pool.Line(null, 10, None), TimeSpan.FromHours(1));
        var plan = RoomPlanner.Of(await Pool.Look(Of("4", "two"), None), [], TimeSpan.FromHours(1));

        Assert.Equal("REQUESTER_QUOTA", why.Reasons[0].Code);
        Assert.Equal("REQUESTER_QUOTA", Assert.Single(line.Entries).Reason.Code);
        Assert.Equal((null, "REQUESTER_QUOTA"), (plan.AgentId, plan.Waits!.Reasons[0].Code));
        Assert.Equal(0, await Pool.TellReasons(10, None)); // it was told when it joined
    }

    [Fact]
    public async Task A_quota_shows_what_is_used_and_what_is_left()
    {
        await Pool.Announce(Claims.Agent("a", slots: 10, memoryMib: 2048), None);
        _ = await Pool.Claim(Of("1", "lent", memoryMib: 256), None);
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Of("2", "lent", memoryMib: 512), None));

        var quota = QuotaView.Of("lent", await Pool.Look(None));

        Assert.Equal((2, false, 0.125), (quota.Weight, quota.Borrowing, quota.DominantShare));
        var memory = quota.Resources.Single(kind => kind.Kind == "memory");
        Assert.Equal((0.25, 0.5, 0.5), (memory.Used, memory.Guaranteed!.Value, memory.Limit!.Value));
        var slots = quota.Resources.Single(kind => kind.Kind == "slot");
        Assert.Equal((1, null, null), (slots.Used, slots.Guaranteed, slots.Limit));
    }

    [Fact]
    public async Task What_an_agent_loses_counts_for_nobody_any_more()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9), None);
        await Pool.Announce(Claims.Agent("b", slots: 9), None);
        foreach (var task in new[] { "1", "2" }) { _ = await Pool.Claim(Of(task, "two") with { Pin = "a" }, None); }
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Of("3", "two"), None));

        await Pool.Leave("a", 1, None);

        Assert.Equal("b", Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("3"))).AgentId);
        Assert.Equal(1, QuotaView.Of("two", await Pool.Look(None)).Resources[0].Used);
    }

    [Fact]
    public async Task Room_is_kept_for_a_large_task_that_small_ones_would_pass_for_ever()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9, memoryMib: 4), None);
        foreach (var task in new[] { "1", "2" }) { _ = await Pool.Claim(Claims.Of(task, memoryMib: 2), None); }
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("large", memoryMib: 4, enqueuedS: -3), None));
        _ = await Pool.ReapSilent(TimeSpan.FromDays(1), None);
        Assert.Equal("large", (await Agent("a")).ReservedFor?.TaskId);

        _ = await Pool.Release(Claims.Key("1"), null, None);
        var waits = Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("3", memoryMib: 2, enqueuedS: -2), None));
        Assert.Equal("RESERVED", waits.Why.Code);
        Assert.Equal("RESERVED", Assert.Single(WaitExplainer.Of((await Pool.Look("3", None))!, [], TimeSpan.FromHours(1)).Agents).Code);
        Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Claims.Of("beside", enqueuedS: -1), None)); // takes no memory

        _ = await Pool.Release(Claims.Key("2"), null, None);
        Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("large")));
        Assert.Null((await Agent("a")).ReservedFor);
        _ = await Pool.Release(Claims.Key("large"), null, None);
        Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("3")));
    }

    [Fact]
    public async Task Who_gives_up_waiting_keeps_no_room()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9, memoryMib: 4), None);
        foreach (var task in new[] { "1", "2" }) { _ = await Pool.Claim(Claims.Of(task, memoryMib: 2), None); }
        _ = await Pool.Claim(Claims.Of("large", memoryMib: 4, enqueuedS: -3), None);
        _ = await Pool.ReapSilent(TimeSpan.FromDays(1), None);
        _ = await Pool.Release(Claims.Key("1"), null, None);
        _ = await Pool.Claim(Claims.Of("3", memoryMib: 2, enqueuedS: -2), None);

        _ = await Pool.Release(Claims.Key("large"), null, None);

        Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("3")));
        Assert.Null((await Agent("a")).ReservedFor);
    }

    [Fact]
    public async Task An_agent_on_which_everything_fails_gets_no_work_until_somebody_says_so_or_something_succeeds()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9), None);
        _ = await Pool.Claim(Claims.Of("before"), None);
        await Fail("1", "2", "2", "3");
        var hold = (await Agent("a")).Hold;
        Assert.Equal(1, hold?.Count);
        var waits = Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("4"), None));
        Assert.Equal("NO_AGENT_FOR_TYPE", waits.Why.Code);
        Assert.Equal("every online agent that handles data.analysis is on hold after failures in a row", waits.Why.Sentence);
        var why = WaitExplainer.Of((await Pool.Look("4", None))!, [], TimeSpan.FromHours(1));
        Assert.Equal(("ON_HOLD", "1 on hold after failures"), (Assert.Single(why.Agents).Code, why.Summary));

        Assert.True(await Pool.Steer("a", SteerAction.Uncordon, null, None));
        Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("4")));
        Assert.Null((await Agent("a")).Hold);

        await Fail("5", "6", "7");
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("8"), None));
        _ = await Pool.Release(Claims.Key("before"), null, AttemptOutcome.Succeeded, None);
        Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("8")));
    }

    private async Task Fail(params string[] tasks)
    {
        foreach (var (task, attempt) in tasks.Select((task, i) => (task, tasks.Take(i + 1).Count(other => other == task))))
        {
            _ = Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Claims.Of(task, attempt), None));
            _ = await Pool.Release(Claims.Key(task, attempt), null, AttemptOutcome.Failed, None);
        }
    }

    private async Task<AgentView> Agent(string id) => (await Pool.Agents(None)).Single(agent => agent.AgentId == id);

    private static ResourceClaim Of(string task, string requester, long memoryMib = 0) =>
        Claims.Of(task, memoryMib: memoryMib) with { Requester = requester };
}
