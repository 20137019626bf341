namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Constructed situations, and what is said about each (experience, reason codes).</summary>
public sealed class WhyItWaitsTests
{
    private const int Gib = 1024;
    private readonly Situation _it = new();

    [Fact]
    public async Task Nobody_is_there()
    {
        await _it.Waits(Claims.Of("t"));

        await _it.Shows("t", "NO_AGENT_FOR_TYPE", "no agent is known");
    }

    [Fact]
    public async Task Everybody_does_other_work()
    {
        await _it.Online(Claims.Agent("a", types: "image.*"), Claims.Agent("b", types: "text.*"));
        await _it.Waits(Claims.Of("t"));

        await _it.Shows("t", "NO_AGENT_FOR_TYPE", "2 for other types");
        Assert.Empty((await _it.Why("t")).Agents);
    }

    [Fact]
    public async Task All_slots_are_taken()
    {
        await _it.Online(Claims.Agent("a"), Claims.Agent("b"));
        await _it.Runs("1", "a");
        await _it.Runs("2", "b");
        await _it.Waits(Claims.Of("t"));

        await _it.Shows("t", "AGENT_CAPACITY", "every slot taken on 2 agents");
    }

    [Fact]
    public async Task Memory_is_short_on_some_agents()
    {
        await _it.Online([.. new[] { "a", "b", "c" }.Select(id => Claims.Agent(id, slots: 4, memoryMib: 16 * Gib))]);
        foreach (var id in new[] { "a", "b", "c" }) { await _it.Runs("on-" + id, id, memoryMib: 12 * Gib); }
        await _it.Waits(Claims.Of("t", memoryMib: 8 * Gib));

        await _it.Shows("t", "INSUFFICIENT_RESOURCES", "memory short by 4 GiB on 3 agents");
        var finding = (await _it.Why("t")).Agents[0];
        Assert.Equal(("memory", 8d, 4d, 4d), finding.Short.Select(s => (s.Kind, s.Wanted, s.Available, s.Missing)).Single());
    }

    [Fact]
    public async Task Two_kinds_are_short_on_one_agent()
    {
        await _it.Online(Claims.Agent("a", slots: 4, memoryMib: 2 * Gib, gpus: 1));
        await _it.Runs("1", "a", memoryMib: 2 * Gib, gpus: 1);
        await _it.Waits(Claims.Of("t", memoryMib: Gib / 2, gpus: 1));

        await _it.Shows("t", "INSUFFICIENT_RESOURCES", "memory short by 0.5 GiB on 1 agent; gpu short by 1 on 1 agent");
    }

    [Fact]
    public async Task No_single_agent_has_everything_free()
    {
        await _it.Online(Claims.Agent("a", slots: 4, memoryMib: Gib, gpus: 1), Claims.Agent("b", slots: 4, memoryMib: Gib, gpus: 1));
        await _it.Runs("1", "a", memoryMib: Gib);
        await _it.Runs("2", "b", gpus: 1);
        await _it.Waits(Claims.Of("t", memoryMib: Gib, gpus: 1));

        await _it.Shows("t", "INSUFFICIENT_RESOURCES", "memory short by 1 GiB on 1 agent; gpu short by 1 on 1 agent");
        Assert.Contains("everything free at once", (await _it.Why("t")).Reasons[0].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_is_busy_and_another_drains()
    {
        await _it.Online(Claims.Agent("a"), Claims.Agent("b"));
        await _it.Runs("1", "a");
        await _it.Drains("b");
        await _it.Waits(Claims.Of("t"));

        await _it.Shows("t", "AGENT_CAPACITY", "every slot taken on 1 agent; 1 draining");
    }

    [Fact]
    public async Task Everybody_drains()
    {
        await _it.Online(Claims.Agent("a"));
        await _it.Drains("a");
        await _it.Waits(Claims.Of("t"));

        await _it.Shows("t", "NO_AGENT_FOR_TYPE", "1 draining");
    }

    [Fact]
    public async Task The_only_agent_that_is_asked_is_away()
    {
        await _it.Online(Claims.Agent("a"), Claims.Agent("b"));
        await _it.Leaves("b");
        await _it.Waits(Claims.Of("t", pin: "b"));

        await _it.Shows("t", "PINNED_AGENT_OFFLINE", "1 offline; 1 not asked, because it is for another agent");
    }

    [Fact]
    public async Task The_only_agent_that_is_asked_is_busy_and_it_is_said_with_what()
    {
        await _it.Online(Claims.Agent("a"), Claims.Agent("b"));
        await _it.Runs("busy-with-this", "b");
        await _it.Waits(Claims.Of("t", pin: "b"));

        await _it.Shows("t", "AGENT_CAPACITY", "every slot taken on 1 agent; 1 not asked, because it is for another agent");
        Assert.Equal("busy-with-this", (await _it.Why("t")).Agents[0].Holders.Single().TaskId);
    }

    [Fact]
    public async Task The_large_agent_is_away()
    {
        await _it.Online(Claims.Agent("large", memoryMib: 64 * Gib), Claims.Agent("small", memoryMib: Gib));
        await _it.Leaves("large");
        await _it.Waits(Claims.Of("t", memoryMib: 32 * Gib));

        await _it.Shows("t", "INSUFFICIENT_RESOURCES", "memory too small by 31 GiB on 1 agent; 1 offline");
    }

    [Fact]
    public async Task The_large_agent_has_been_away_for_so_long_that_it_does_not_count()
    {
        await _it.Online(Claims.Agent("large", memoryMib: 64 * Gib), Claims.Agent("small", memoryMib: Gib));
        await _it.Leaves("large");
        await _it.Waits(Claims.Of("t", memoryMib: 32 * Gib));
        _it.Passes(TimeSpan.FromHours(25));

        await _it.Shows("t", "INFEASIBLE_NOW", "memory too small by 31 GiB on 1 agent; 1 offline");
    }

    [Fact]
    public async Task An_agent_became_silent()
    {
        await _it.Online(Claims.Agent("a"));
        await _it.Runs("1", "a");
        await _it.Waits(Claims.Of("t"));
        _it.Passes(TimeSpan.FromMinutes(1));
        await _it.Reaps();

        await _it.Shows("t", "NO_AGENT_FOR_TYPE", "1 offline");
    }

    [Fact]
    public async Task Everybody_who_came_had_rejected_it()
    {
        await _it.Waits(Claims.Of("t", excluded: ["a"]));
        await _it.Online(Claims.Agent("a"));

        await _it.Shows("t", "NO_AGENT_MATCHES_CONSTRAINTS", "1 rejected it");
    }

    [Fact]
    public async Task One_rejected_it_and_the_other_is_busy()
    {
        await _it.Online(Claims.Agent("a"), Claims.Agent("b"));
        await _it.Runs("1", "b");
        await _it.Waits(Claims.Of("t", excluded: ["a"]));

        await _it.Shows("t", "AGENT_CAPACITY", "every slot taken on 1 agent; 1 rejected it");
    }

    [Fact]
    public async Task An_agent_became_smaller_than_what_it_runs()
    {
        await _it.Online(Claims.Agent("a", slots: 4, memoryMib: 8 * Gib));
        await _it.Runs("1", "a", memoryMib: 8 * Gib);
        await _it.Online(Claims.Agent("a", slots: 4, memoryMib: 4 * Gib));
        await _it.Waits(Claims.Of("t", memoryMib: 3 * Gib));

        await _it.Shows("t", "INSUFFICIENT_RESOURCES", "memory short by 3 GiB on 1 agent");
    }

    [Fact]
    public async Task More_urgent_tasks_stand_before_it()
    {
        await _it.Online(Claims.Agent("a"));
        await _it.Runs("1", "a");
        await _it.Waits(Claims.Of("t", priority: 2));
        await _it.Waits(Claims.Of("urgent-1", priority: 4));
        await _it.Waits(Claims.Of("urgent-2", priority: 3));

        await _it.Shows("t", "AGENT_CAPACITY HIGHER_PRIORITY_AHEAD", "every slot taken on 1 agent");
        var why = await _it.Why("t");
        Assert.Equal((3, 3), (why.Position, why.LineLength));
        Assert.StartsWith("2 tasks of a higher priority", why.Reasons[1].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_tasks_of_its_priority_stand_before_it()
    {
        await _it.Online(Claims.Agent("a"));
        await _it.Runs("1", "a");
        await _it.Waits(Claims.Of("older", enqueuedS: -5));
        await _it.Waits(Claims.Of("t"));

        await _it.Shows("t", "AGENT_CAPACITY", "every slot taken on 1 agent");
        Assert.Equal(2, (await _it.Why("t")).Position);
    }

    [Fact]
    public async Task More_urgent_tasks_that_want_other_agents_do_not_matter()
    {
        await _it.Online(Claims.Agent("a"), Claims.Agent("b", types: "image.*"));
        await _it.Runs("1", "a");
        await _it.Runs("2", "b", type: "image.draw");
        await _it.Waits(Claims.Of("urgent", type: "image.draw", priority: 4));
        await _it.Waits(Claims.Of("t"));

        await _it.Shows("t", "AGENT_CAPACITY", "every slot taken on 1 agent; 1 for other types");
        Assert.Equal(2, (await _it.Why("t")).Position);
    }

    [Fact]
    public async Task The_nearest_fit_is_named_first_and_who_holds_it_the_longest_before_the_others()
    {
        await _it.Online(
            Claims.Agent("far", slots: 4, memoryMib: 8 * Gib), Claims.Agent("near", slots: 4, memoryMib: 8 * Gib), Claims.Agent("tiny", memoryMib: 1));
        await _it.Runs("far-1", "far", memoryMib: 8 * Gib);
        await _it.Runs("near-old", "near", memoryMib: Gib);
        _it.Passes(TimeSpan.FromSeconds(3));
        await _it.Runs("near-new", "near", memoryMib: Gib);
        await _it.Waits(Claims.Of("t", memoryMib: 8 * Gib));

        var why = await _it.Why("t");
        Assert.Equal(["near BUSY", "far BUSY", "tiny TOO_SMALL"], why.Agents.Select(agent => $"{agent.AgentId} {agent.Code}"));
        Assert.Equal(["near-old", "near-new"], why.Agents[0].Holders.Select(holder => holder.TaskId));
        Assert.Equal("data.analysis", why.Agents[0].Holders[0].TaskType);
    }
}
