using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>What every implementation of <see cref="IPool"/> does alike. Each test uses task types and agents of its own.</summary>
[Trait("Requirement", "24")]
[Trait("Requirement", "25")]
[Trait("Requirement", "26")]
[Trait("Requirement", "72")]
public abstract class PoolConformance
{
    private static readonly CancellationToken None = CancellationToken.None;

    protected abstract IPool Pool { get; }

    /// <summary>What the pool said to allocations about a task, after its commits.</summary>
    protected abstract IReadOnlyList<object> SaidAbout(string task);

    /// <summary>Makes an agent look as if it had been silent for a minute.</summary>
    protected abstract Task Silence(string agentId);

    [Fact]
    public async Task A_claim_is_granted_and_granted_again_the_same()
    {
        await Announce("a", 1);

        var first = Assert.IsType<ClaimAnswer.Granted>(await Claim("1"));
        var second = Assert.IsType<ClaimAnswer.Granted>(await Claim("1"));

        Assert.Equal(("a", first.Place.Held), (second.Place.AgentId, second.Place.Held));
        Assert.Equal(1, (await Agent("a")).Used.Slots);
        Assert.Empty(SaidAbout("1"));
    }

    [Fact]
    public async Task A_claim_that_waits_is_told_when_room_is_freed()
    {
        await Announce("a", 1);
        _ = await Claim("1");
        Assert.IsType<ClaimAnswer.Waits>(await Claim("2"));
        Assert.IsType<ClaimAnswer.Waits>(await Claim("2"));

        Assert.False(await Pool.Release(Claims.Key("1"), null, None));

        var placed = Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("2")));
        Assert.Equal(("a", "a/slot", 1), (placed.AgentId, placed.Resources[0].ResourceId, placed.Resources[0].Amount));
        Assert.IsType<ClaimAnswer.Granted>(await Claim("2"));
        Assert.Null(await Pool.Look("2", None));
    }

    [Fact]
    public async Task A_release_is_done_once_and_closes_the_attempt()
    {
        await Announce("a", 2);
        _ = await Claim("1");
        _ = await Claim("2");

        _ = await Pool.Release(Claims.Key("1"), null, None);
        _ = await Pool.Release(Claims.Key("1"), null, None);

        Assert.Equal(1, (await Agent("a")).Used.Slots);
        Assert.Equal(new ClaimAnswer.Closed(), await Claim("1"));
    }

    [Fact]
    public async Task A_release_that_overtakes_its_claim_keeps_the_door_closed()
    {
        await Announce("a", 1);

        _ = await Pool.Release(Claims.Key("1"), null, None);

        Assert.IsType<ClaimAnswer.Closed>(await Claim("1"));
        Assert.Equal(0, (await Agent("a")).Used.Slots);
    }

    [Fact]
    public async Task A_release_of_a_waiting_claim_takes_it_out_of_the_line()
    {
        await Announce("a", 1);
        _ = await Claim("1");
        _ = await Claim("2");

        _ = await Pool.Release(Claims.Key("2"), null, None);
        _ = await Pool.Release(Claims.Key("1"), null, None);

        Assert.Empty(SaidAbout("2"));
        Assert.Equal(0, (await Agent("a")).Used.Slots);
    }

    [Fact]
    public async Task A_part_can_be_given_back()
    {
        await Announce("a", 2, memoryMib: 100);
        _ = await Claim("1", memoryMib: 80);
        Assert.IsType<ClaimAnswer.Waits>(await Claim("2", memoryMib: 80));

        Assert.True(await Pool.Release(Claims.Key("1"), ["a/memory"], None));
        Assert.True(await Pool.Release(Claims.Key("1"), ["a/memory"], None));

        Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("2")));
        Assert.False(await Pool.Release(Claims.Key("1"), ["a/slot"], None));
        Assert.Equal(1, (await Agent("a")).Used.Slots);
    }

    [Fact]
    public async Task A_newer_attempt_takes_over_and_an_older_one_is_closed()
    {
        await Announce("a", 1);
        _ = await Claim("1", attempt: 1);

        Assert.IsType<ClaimAnswer.Granted>(await Claim("1", attempt: 2));

        Assert.IsType<ClaimAnswer.Closed>(await Claim("1", attempt: 1));
        _ = await Pool.Release(Claims.Key("1", 1), null, None);
        Assert.Equal([2], (await Agent("a")).Tasks.Select(task => task.Attempt));
    }

    [Fact]
    public async Task The_line_is_served_in_its_order_and_nobody_blocks_others()
    {
        await Announce("a", 2, memoryMib: 10);
        _ = await Claim("1", memoryMib: 10);
        _ = await Claim("2");
        _ = await Claim("large", memoryMib: 10, enqueuedS: -10);
        _ = await Claim("late", enqueuedS: 20);
        _ = await Claim("early", enqueuedS: 10);
        _ = await Claim("urgent", enqueuedS: 30, priority: 4);

        _ = await Pool.Release(Claims.Key("2"), null, None);
        Assert.Single(SaidAbout("urgent"));
        Assert.Empty(SaidAbout("early"));

        _ = await Pool.Release(Claims.Key("urgent"), null, None);
        Assert.Single(SaidAbout("early"));
        Assert.Empty(SaidAbout("late"));
        _ = await Pool.Release(Claims.Key("1"), null, None);
        Assert.Single(SaidAbout("large"));
    }

    [Fact]
    public async Task An_agent_that_comes_serves_who_waits_for_its_type()
    {
        Assert.IsType<ClaimAnswer.Waits>(await Claim("1"));
        Assert.NotNull(await Pool.Look("1", None));

        await Announce("a", 1);

        Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("1")));
    }

    [Fact]
    public async Task An_agent_that_leaves_loses_what_it_holds_and_stays_away()
    {
        await Announce("a", 1);
        _ = await Claim("1");
        _ = await Claim("2");

        await Pool.Leave("a", 1, None);
        await Pool.Leave("a", 1, None);
        await Announce("a", 1);

        var revoked = Assert.IsType<ClaimRevoked>(Assert.Single(SaidAbout("1")));
        Assert.Equal(("a", "AGENT_LEFT"), (revoked.AgentId, revoked.Code));
        Assert.Equal(new ClaimAnswer.Closed("a", "AGENT_LEFT"), await Claim("1"));
        Assert.Empty(SaidAbout("2"));
        Assert.Equal(("offline", 0), ((await Agent("a")).State, (await Agent("a")).Used.Slots));
    }

    [Fact]
    public async Task A_new_incarnation_takes_what_the_old_one_held_and_gives_it_to_others()
    {
        await Announce("a", 1);
        _ = await Claim("1");
        _ = await Claim("2");

        await Announce("a", 1, incarnation: 2);
        await Announce("a", 9, incarnation: 1);

        Assert.Equal("AGENT_RESTARTED", Assert.IsType<ClaimRevoked>(Assert.Single(SaidAbout("1"))).Code);
        Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("2")));
        Assert.Equal((1, 1), ((await Agent("a")).Capacity.Slots, (await Agent("a")).Used.Slots));
    }

    [Fact]
    public async Task A_silent_agent_loses_its_lease_and_its_next_heartbeat_is_unknown()
    {
        await Announce("a", 1);
        await Announce("b", 1);
        _ = await Claim("1");
        _ = await Claim("2");
        await Silence("a");
        Assert.True(await Pool.Heartbeat("b", 1, None));

        var reaped = await Pool.ReapSilent(TimeSpan.FromSeconds(20), None);

        Assert.Equal(1, reaped.Agents);
        Assert.Equal("AGENT_SILENT", Assert.IsType<ClaimRevoked>(Assert.Single(SaidAbout("1"))).Code);
        Assert.Empty(SaidAbout("2"));
        Assert.False(await Pool.Heartbeat("a", 1, None));
        Assert.Equal(0, (await Pool.ReapSilent(TimeSpan.FromSeconds(20), None)).Agents);
    }

    [Fact]
    public async Task A_heartbeat_renews_the_lease_and_strangers_are_unknown()
    {
        await Announce("a", 1);
        await Silence("a");

        Assert.True(await Pool.Heartbeat("a", 1, None));
        Assert.Equal(0, (await Pool.ReapSilent(TimeSpan.FromSeconds(20), None)).Agents);
        Assert.False(await Pool.Heartbeat("a", 2, None));
        Assert.False(await Pool.Heartbeat("stranger", 1, None));
    }

    [Fact]
    public async Task A_draining_agent_keeps_what_it_has_and_gets_no_more()
    {
        await Announce("a", 2);
        _ = await Claim("1");

        await Pool.Drain("a", 1, None);

        Assert.IsType<ClaimAnswer.Waits>(await Claim("2"));
        var agent = await Agent("a");
        Assert.Equal(("draining", 1), (agent.State, agent.Used.Slots));
        Assert.Equal(["1"], agent.Tasks.Select(task => task.TaskId));
        Assert.Empty(SaidAbout("1"));
    }

    [Fact]
    public async Task An_agent_that_becomes_smaller_keeps_its_tasks_and_takes_no_more_until_they_fit()
    {
        await Announce("a", 3);
        _ = await Claim("1");
        _ = await Claim("2");
        await Announce("a", 1);

        Assert.IsType<ClaimAnswer.Waits>(await Claim("3"));
        _ = await Pool.Release(Claims.Key("1"), null, None);
        Assert.Empty(SaidAbout("3"));
        _ = await Pool.Release(Claims.Key("2"), null, None);

        Assert.Single(SaidAbout("3"));
        Assert.Equal((1, 1), ((await Agent("a")).Capacity.Slots, (await Agent("a")).Used.Slots));
    }

    [Fact]
    public async Task What_can_never_fit_is_denied_and_leaves_no_trace()
    {
        await Announce("a", 1, memoryMib: 10);

        Assert.Equal("INFEASIBLE", Assert.IsType<ClaimAnswer.Denied>(await Claim("1", memoryMib: 11)).Why.Code);
        Assert.Null(await Pool.Look("1", None));
        Assert.IsType<ClaimAnswer.Granted>(await Claim("1", memoryMib: 10));
    }

    [Fact]
    public async Task Many_at_once_fill_the_agents_exactly()
    {
        await Announce("a", 7);
        await Announce("b", 5);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Claim("t" + i)));
        Assert.Equal(12, answers.Count(answer => answer is ClaimAnswer.Granted));
        _ = await Task.WhenAll(Enumerable.Range(0, 40).Where(i => answers[i] is ClaimAnswer.Granted)
            .Select(i => Pool.Release(Claims.Key("t" + i), null, None)));

        Assert.Equal(12, Enumerable.Range(0, 40).Count(i => SaidAbout("t" + i).Count == 1));
        Assert.Equal((7, 5), ((await Agent("a")).Used.Slots, (await Agent("b")).Used.Slots));
    }

    [Fact]
    public async Task What_agents_announce_is_kept_with_whether_they_are_here()
    {
        await Pool.Announce(Claims.Agent("a", 1) with { CapabilitiesJson = """[{"task_type":"x.y"}]""" }, None);
        await Pool.Announce(Claims.Agent("a", 1, incarnation: 2) with { CapabilitiesJson = """[{"task_type": "x.z"}]""" }, None);
        await Pool.Drain("a", 2, None);

        var known = Assert.Single(await Pool.Announced(None), agent => agent.Who.AgentId == "a");
        Assert.Equal(("draining", """[{"task_type": "x.z"}]"""), (known.Who.State, known.CapabilitiesJson));
    }

    private Task<ClaimAnswer> Claim(string task, int attempt = 1, long memoryMib = 0, int enqueuedS = 0,
        int priority = 2) =>
        Pool.Claim(Claims.Of(task, attempt, memoryMib: memoryMib, enqueuedS: enqueuedS, priority: priority), None);

    private Task Announce(string id, long slots, long memoryMib = 0, long incarnation = 1) =>
        Pool.Announce(Claims.Agent(id, slots, memoryMib, incarnation: incarnation), None);

    private async Task<Contracts.Agents.AgentView> Agent(string id) =>
        Assert.Single(await Pool.Agents(None), agent => agent.AgentId == id);
}
