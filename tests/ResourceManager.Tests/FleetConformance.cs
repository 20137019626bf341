using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>The life of agents and what is known of them, alike in every implementation of <see cref="IPool"/>.</summary>
public abstract class FleetConformance : LineConformance
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task One_that_lost_work_by_its_silence_gets_none_until_it_says_that_it_does_nothing()
    {
        await Announce("a", 1);
        _ = await Claim("1");
        await Silence("a");
        _ = await Pool.ReapSilent(TimeSpan.FromSeconds(20), None);
        await Announce("a", 1);
        Assert.Equal("quarantined", (await Agent("a")).State);
        Assert.IsType<ClaimAnswer.Waits>(await Claim("2"));
        Assert.True(await Pool.Heartbeat("a", 1, None));
        _ = await Pool.ReapSilent(TimeSpan.FromSeconds(20), None);
        Assert.Empty(SaidAbout("2").OfType<ResourcesAllocated>());

        Assert.True(await Pool.Heartbeat("a", 1, [], None));
        _ = await Pool.ReapSilent(TimeSpan.FromSeconds(20), None);

        Assert.Equal("online", (await Agent("a")).State);
        Assert.Single(SaidAbout("2").OfType<ResourcesAllocated>());
    }

    [Fact]
    public async Task One_that_lost_work_by_its_silence_and_was_started_anew_gets_work_at_once()
    {
        await Announce("a", 1);
        _ = await Claim("1");
        await Silence("a");
        _ = await Pool.ReapSilent(TimeSpan.FromSeconds(20), None);

        await Announce("a", 1, incarnation: 2);

        Assert.Equal("online", (await Agent("a")).State);
    }

    [Fact]
    public async Task What_is_revoked_by_name_is_told_and_given_to_the_next()
    {
        await Announce("a", 1);
        _ = await Claim("1");
        _ = await Claim("2");

        await Pool.Revoke(Claims.Key("1"), "AGENT_FORGOT", None);
        await Pool.Revoke(Claims.Key("1"), "AGENT_FORGOT", None);

        Assert.Equal("AGENT_FORGOT", Assert.IsType<ClaimRevoked>(Assert.Single(SaidAbout("1"))).Code);
        _ = Assert.IsType<ResourcesAllocated>(Assert.Single(SaidAbout("2")));
    }

    [Fact]
    public async Task What_an_agent_said_last_that_it_works_on_is_there_for_whoever_looks()
    {
        await Announce("a", slots: 2);
        Assert.True(await Pool.Heartbeat("a", 1, [Claims.Key("1"), Claims.Key("2", 3)], None));
        Assert.True(await Pool.Heartbeat("a", 1, None));
        var first = Assert.Single((await Pool.Look(None)).Reports);
        Assert.True(await Pool.Heartbeat("a", 1, [Claims.Key("2", 3)], None));
        var second = Assert.Single((await Pool.Look(None)).Reports);

        Assert.Equal([Claims.Key("1"), Claims.Key("2", 3)], first.Running.OrderBy(attempt => attempt.TaskId));
        Assert.Equal(("a", 1L, Claims.Key("2", 3)), (second.AgentId, second.Incarnation, Assert.Single(second.Running)));
        Assert.True(second.At >= first.At);
        Assert.False(await Pool.Heartbeat("stranger", 1, [Claims.Key("1")], None));
        Assert.Single((await Pool.Look(None)).Reports);
    }

    [Fact]
    public async Task An_agents_page_says_how_its_attempts_went_what_is_free_and_who_has_which_device()
    {
        await Pool.Announce(Claims.Agent("a", slots: 4, memoryMib: 4096, gpus: 2), None);
        for (var i = 0; i < 3; i++) { _ = await Grant(Claims.Of("t" + i)); }
        for (var i = 0; i < 2; i++) { _ = await Pool.Release(Claims.Key("t" + i), null, AttemptOutcome.Succeeded, None); }
        _ = await Pool.Release(Claims.Key("t2"), null, AttemptOutcome.Failed, None);
        _ = await Grant(Claims.Of("now", memoryMib: 1024, gpus: 1));

        var agent = await Agent("a");

        Assert.Equal((3, 0.6667), (agent.Record!.Attempts, agent.Record.SuccessRate));
        Assert.NotNull(agent.Record.RunS);
        Assert.Equal((3, 3d, 1), (agent.Free!.Slots, agent.Free.MemoryGb, agent.Free.GpuUnits));
        Assert.Equal(["0 now", "1 "], agent.Devices!.Select(device => $"{device.DeviceId} {device.TaskId}"));
    }

    [Fact]
    public async Task Denials_are_counted_by_what_was_missing()
    {
        await Pool.Announce(Claims.Agent("a", memoryMib: 1024), None);
        for (var i = 0; i < 3; i++) { Assert.IsType<ClaimAnswer.Denied>(await Pool.Claim(Claims.Of("large" + i, memoryMib: 2048), None)); }
        Assert.IsType<ClaimAnswer.Denied>(await Pool.Claim(Claims.Of("gpu", gpus: 1), None));
        await Pool.NoteRefusals(new SubmissionsRefused
        {
            TaskType = "data.other",
            Code = "INFEASIBLE",
            Dimension = "gpu_units",
            Count = 5,
            LastTaskId = "at-the-door",
        }, None);
        await Pool.NoteRefusals(new SubmissionsRefused
        {
            TaskType = "data.analysis",
            Code = "INFEASIBLE",
            Dimension = "memory_gb",
            Count = 7,
            LastTaskId = "large2",
        }, None);

        var denials = await Pool.Denials(2, None);

        Assert.Equal(["memory_gb 10", "gpu_units 6"], denials.Dimensions.Select(total => $"{total.Dimension} {total.Count}"));
        Assert.Equal(("INFEASIBLE", "data.analysis", "large2"),
            (denials.Denials[0].Code, denials.Denials[0].TaskType, denials.Denials[0].LastTaskId));
    }

    private Task<ClaimAnswer> Claim(string task) => Pool.Claim(Claims.Of(task), None);

    private Task Announce(string id, long slots, long incarnation = 1) => Pool.Announce(Claims.Agent(id, slots, incarnation: incarnation), None);

    private async Task<AgentView> Agent(string id) => Assert.Single(await Pool.Agents(None), agent => agent.AgentId == id);
}
