using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Views;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Labels and named devices, alike on every implementation of <see cref="IPool"/>.</summary>
[Trait("Requirement", "24")]
[Trait("Requirement", "26")]
[Trait("Requirement", "98")]
public abstract class PlacementConformance : PoolViewConformance
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Whoever_gets_room_learns_whether_its_agent_takes_offers_in_company()
    {
        await Pool.Announce(Claims.Agent("a", 1) with { TakesBulk = true }, None);
        Assert.True(Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Claims.Of("1"), None)).TakesBulk);
        Assert.True(Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Claims.Of("1"), None)).TakesBulk);
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("2"), None));
        _ = await Pool.Release(Claims.Key("1"), null, None);
        Assert.True(Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("2"))).TakesBulk);

        await Pool.Announce(Claims.Agent("a", 2, incarnation: 2), None);
        Assert.False(Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Claims.Of("3"), None)).TakesBulk);
    }

    [Fact]
    public async Task A_task_goes_where_its_labels_are_and_waits_until_they_come()
    {
        await Pool.Announce(Claims.Agent("us", slots: 4).Labelled(("zone", "us")), None);
        await Pool.Announce(Claims.Agent("eu").Labelled(("zone", "eu")), None);
        Assert.Equal("eu", (await Grant(Claims.Of("1", place: Claims.Where("zone", "eu")))).AgentId);
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("2", place: Claims.Where("zone", "eu")), None));
        Assert.Equal("us", (await Grant(Claims.Of("3"))).AgentId);

        await Pool.Announce(Claims.Agent("us", slots: 4).Labelled(("zone", "us"), ("tier", "gold")), None);
        Assert.Empty(SaidAbout("2"));
        await Pool.Announce(Claims.Agent("us", slots: 4).Labelled(("zone", "eu")), None);

        Assert.Equal("us", Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("2"))).AgentId);
    }

    [Fact]
    public async Task Preferences_lead_and_never_exclude()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9).Labelled(("zone", "us")) with { ProgramVersion = "1" }, None);
        await Pool.Announce(Claims.Agent("b").Labelled(("zone", "eu")) with { ProgramVersion = "2" }, None);
        var rule = new PlacementRule
        {
            Preferences =
            [
                new LabelPreference { Label = "zone", Op = LabelOp.Eq, Value = "us", Weight = 3 },
                new LabelPreference { Label = AgentLabels.Version, Op = LabelOp.In, Values = ["2", "3"], Weight = 4 },
            ],
        };

        Assert.Equal("b", (await Grant(Claims.Of("1", place: rule))).AgentId);
        Assert.Equal("a", (await Grant(Claims.Of("2", place: rule))).AgentId);
    }

    [Fact]
    public async Task Packed_tasks_go_to_the_fullest_agent_and_spread_ones_to_the_emptiest()
    {
        await Pool.Announce(Claims.Agent("a", slots: 4), None);
        await Pool.Announce(Claims.Agent("b", slots: 4), None);
        _ = await Grant(Claims.Of("first", pin: "b"));

        Assert.Equal("b", (await Grant(Claims.Of("1", place: new PlacementRule { Strategy = PlacementStrategy.Pack }))).AgentId);
        Assert.Equal("a", (await Grant(Claims.Of("2", place: new PlacementRule { Strategy = PlacementStrategy.Spread }))).AgentId);
        Assert.Equal("a", (await Grant(Claims.Of("3"))).AgentId);
    }

    [Fact]
    public async Task Who_says_nothing_is_packed_if_it_asks_for_more_than_a_slot_so_that_a_whole_agent_is_left_for_a_large_one()
    {
        await Pool.Announce(Claims.Agent("a", slots: 4, memoryMib: 40), None);
        await Pool.Announce(Claims.Agent("b", slots: 4, memoryMib: 40), None);
        foreach (var task in new[] { "1", "2", "3" }) { Assert.Equal("a", (await Grant(Claims.Of(task, memoryMib: 10))).AgentId); }

        Assert.Equal("b", (await Grant(Claims.Of("large", memoryMib: 40))).AgentId);
    }

    [Fact]
    public async Task Labels_that_nobody_has_are_a_no_unless_the_task_waits_for_other_agents()
    {
        await Pool.Announce(Claims.Agent("a").Labelled(("zone", "us")), None);
        var eu = Claims.Where("zone", "eu");

        var denied = Assert.IsType<ClaimAnswer.Denied>(await Pool.Claim(Claims.Of("1", place: eu), None));
        var waits = Assert.IsType<ClaimAnswer.Waits>(
            await Pool.Claim(Claims.Of("2", place: eu with { OnInfeasible = OnInfeasible.Wait }), None));
        await Pool.Announce(Claims.Agent("b").Labelled(("zone", "eu")), None);

        Assert.Equal(("NO_AGENT_MATCHES_CONSTRAINTS", "label zone=eu excludes 1 of 1 agent that handles data.analysis"),
            (denied.Why.Code, denied.Why.Sentence));
        Assert.Equal("NO_AGENT_MATCHES_CONSTRAINTS", waits.Why.Code);
        Assert.Equal("b", Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("2"))).AgentId);
    }

    [Fact]
    public async Task What_is_too_large_for_everybody_waits_when_it_asks_to()
    {
        await Pool.Announce(Claims.Agent("a", memoryMib: 10), None);
        var waits = Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(
            Claims.Of("1", memoryMib: 11, place: new PlacementRule { OnInfeasible = OnInfeasible.Wait }), None));

        Assert.Equal("INFEASIBLE_NOW", waits.Why.Code);
        Assert.Equal(0, await Pool.TellReasons(10, None));
        await Pool.Announce(Claims.Agent("b", memoryMib: 11), None);
        Assert.Equal("b", Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("1"))).AgentId);
    }

    [Fact]
    public async Task Devices_are_in_one_hand_each_and_go_on_to_who_waits()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9, gpus: 3) with { Devices = ["GPU-x", "GPU-y", "GPU-z"] }, None);
        Assert.Equal(["GPU-x"], (await Grant(Claims.Of("1", gpus: 1))).GpuIds);
        Assert.Equal(["GPU-y", "GPU-z"], (await Grant(Claims.Of("2", gpus: 2))).GpuIds);
        Assert.Equal(["GPU-x"], (await Grant(Claims.Of("1", gpus: 1))).GpuIds);
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("3", gpus: 1), None));

        Assert.True(await Pool.Release(Claims.Key("2"), ["a/gpu/GPU-z"], None));
        Assert.Equal(["GPU-z"], Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("3"))).GpuIds);

        var matrix = ResourceMatrix.Of(await Pool.Look(None), TimeSpan.FromSeconds(20)).Agents.Single();
        Assert.Equal(["GPU-x 1", "GPU-y 2", "GPU-z 3"], matrix.Devices!.Select(device => $"{device.DeviceId} {device.TaskId}"));
        Assert.Equal(["a/slot", "a/gpu/GPU-y"], matrix.Holders.Single(holder => holder.TaskId == "2").Resources.Select(one => one.ResourceId));
        Assert.Equal(["GPU-x", "GPU-y", "GPU-z"], (await Pool.Agents(None)).Single().Capacity.GpuIds);
    }

    [Fact]
    public async Task Devices_without_names_are_called_by_their_numbers_and_come_back_with_a_restart()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9, gpus: 2), None);
        Assert.Equal(["0", "1"], (await Grant(Claims.Of("1", gpus: 2))).GpuIds);

        await Pool.Announce(Claims.Agent("a", slots: 9, gpus: 2, incarnation: 2), None);

        Assert.Equal(["0"], (await Grant(Claims.Of("2", gpus: 1))).GpuIds);
    }

    [Fact]
    public async Task An_agent_that_names_its_devices_anew_gives_away_only_what_nobody_has()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9, gpus: 2) with { Devices = ["x", "y"] }, None);
        _ = await Grant(Claims.Of("1", gpus: 1));

        await Pool.Announce(Claims.Agent("a", slots: 9, gpus: 2) with { Devices = ["x", "z"] }, None);

        Assert.Equal(["z"], (await Grant(Claims.Of("2", gpus: 1))).GpuIds);
        _ = await Pool.Release(Claims.Key("1"), null, None);
        Assert.Equal(["x"], (await Grant(Claims.Of("3", gpus: 1))).GpuIds);
    }

    [Fact]
    public async Task A_cordoned_agent_keeps_what_it_has_gets_no_more_and_serves_the_line_when_it_is_uncordoned()
    {
        await Pool.Announce(Claims.Agent("a", slots: 2), None);
        _ = await Grant(Claims.Of("1"));
        Assert.False(await Pool.Steer("nobody", SteerAction.Cordon, null, None));
        Assert.True(await Pool.Steer("a", SteerAction.Cordon, "kernel update", None));

        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("2"), None));
        await Pool.Announce(Claims.Agent("a", slots: 2), None);
        Assert.True(await Pool.Heartbeat("a", 1, None));
        _ = await Pool.ReapSilent(TimeSpan.FromHours(1), None);
        Assert.Empty(SaidAbout("1"));
        Assert.Empty(SaidAbout("2"));
        var agent = (await Pool.Agents(None)).Single();
        Assert.Equal(("online", "kernel update", false), (agent.State, agent.Cordon!.Reason, agent.Cordon.Drains));
        _ = await Pool.Steer("a", SteerAction.Drain, null, None);
        Assert.Equal("draining", (await Pool.Agents(None)).Single().State);

        _ = await Pool.Steer("a", SteerAction.Uncordon, null, None);

        Assert.Equal("a", Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("2"))).AgentId);
        Assert.Equal(("online", null), ((await Pool.Agents(None)).Single().State, (await Pool.Agents(None)).Single().Cordon));
    }

    [Fact]
    public async Task A_cordon_outlives_a_restart_of_the_agent()
    {
        await Pool.Announce(Claims.Agent("a"), None);
        _ = await Pool.Steer("a", SteerAction.Cordon, null, None);
        await Pool.Announce(Claims.Agent("a", incarnation: 2), None);

        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("1"), None));
    }

    [Fact]
    public async Task A_plan_says_what_a_claim_would_be_answered_and_changes_nothing()
    {
        await Pool.Announce(Claims.Agent("a", slots: 2, memoryMib: 100), None);
        Assert.Equal(("a", true), await Planned(Claims.Of("now")));
        _ = await Grant(Claims.Of("1"));
        _ = await Grant(Claims.Of("2"));
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("urgent", priority: 4), None));
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("later", enqueuedS: 5), None));

        var plan = RoomPlanner.Of(await Pool.Look(Claims.Of("t"), None), [Runs(60)], TimeSpan.FromHours(24));
        Assert.Equal((2, 3, "a"), (plan.Waits!.Position, plan.Waits.LineLength, plan.Waits.EstimatedStart!.AgentId));
        Assert.Equal(["AGENT_CAPACITY", "HIGHER_PRIORITY_AHEAD"], plan.Waits.Reasons.Select(reason => reason.Code));
        Assert.Null(plan.Denied);
        Assert.Equal("INFEASIBLE", RoomPlanner.Of(await Pool.Look(Claims.Of("huge", memoryMib: 101), None), [], TimeSpan.FromHours(24)).Denied!.Code);
        Assert.Equal((null, false), await Planned(
            Claims.Of("patient", memoryMib: 101, place: new PlacementRule { OnInfeasible = OnInfeasible.Wait })));
        Assert.Equal((null, true), await Planned(Claims.Of("t", type: "nobody.yet")));
        Assert.Equal(2, (await Pool.Line(null, 10, None)).Length);
        Assert.Equal(2, (await Pool.Agents(None)).Single().Used.Slots);
    }

    [Fact]
    public async Task Who_counts_for_feasibility_is_told_with_size_labels_and_types()
    {
        await Pool.Announce(Claims.Agent("a", slots: 2, memoryMib: 512, gpus: 1).Labelled(("zone", "eu")) with { ProgramVersion = "3" }, None);
        await Pool.Announce(Claims.Agent("b"), None);
        await Pool.Leave("b", 1, None);

        var known = ResourceManager.Agents.TypeDirectory.Of(await Pool.Announced(None)).Agents;

        Assert.Equal(["a", "b"], known.Select(agent => agent.AgentId)); // the one that left may come back
        Assert.Equal((2, 0.5, 1, "eu", "3", "data.*"), (known[0].Capacity.Slots, known[0].Capacity.MemoryGb, known[0].Capacity.GpuUnits,
            known[0].Labels!["zone"], known[0].Version, known[0].TaskTypes.Single()));
    }

    private async Task<(string? AgentId, bool Feasible)> Planned(ResourceClaim claim)
    {
        var plan = RoomPlanner.Of(await Pool.Look(claim, None), [], TimeSpan.FromHours(24));
        return (plan.AgentId, plan.Feasible);
    }

    private static Contracts.Resources.TypeRunTime Runs(double seconds) =>
        new() { TaskType = "data.analysis", P05S = seconds, P50S = seconds, P95S = seconds };

    /// <summary>Claims, and expects to be served at once.</summary>
    protected async Task<Reservation> Grant(ResourceClaim claim) =>
        Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(claim, None)).Place;
}
