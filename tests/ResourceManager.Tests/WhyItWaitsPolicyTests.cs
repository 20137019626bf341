using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Constructed situations in which a rule keeps a task waiting, and what is said about each (experience, reason codes).</summary>
public sealed class WhyItWaitsPolicyTests
{
    private const int Gib = 1024;

    [Fact]
    public async Task Its_requester_has_all_that_it_may_have()
    {
        var it = new Situation(new ResourceManagerOptions { Quotas = { ["team"] = new QuotaSetting { Limit = new QuotaAmounts { MemoryGb = 6 } } } });
        await it.Online(Claims.Agent("a", slots: 4, memoryMib: 16 * Gib));
        await it.Runs("1", "a", memoryMib: 4 * Gib, requester: "team");
        await it.Waits(Claims.Of("t", memoryMib: 4 * Gib) with { Requester = "team" });

        await it.Shows("t", "REQUESTER_QUOTA", "1 agent with room");
        Assert.Equal("requester team has its quota: 4 + 4 of at most 6 memory_gb", (await it.Why("t")).Reasons[0].Sentence);
    }

    [Fact]
    public async Task Others_behind_it_have_less_of_the_fleet()
    {
        var it = new Situation();
        await it.Online(Claims.Agent("a", slots: 4));
        for (var i = 0; i < 3; i++) { await it.Runs("much" + i, "a", requester: "much"); }
        await it.Runs("little0", "a", requester: "little");
        await it.Waits(Claims.Of("t") with { Requester = "much" });
        await it.Waits(Claims.Of("behind", enqueuedS: 5) with { Requester = "little" });

        await it.Shows("t", "AGENT_CAPACITY FAIR_SHARE", "every slot taken on 1 agent");
        Assert.Equal("little has 25% of the fleet by its weight, much 75%: it goes first where both want the same room",
            (await it.Why("t")).Reasons[1].Sentence);
        await it.Shows("behind", "AGENT_CAPACITY", "every slot taken on 1 agent");
    }

    [Fact]
    public async Task Another_behind_it_is_within_what_is_guaranteed()
    {
        var it = new Situation(new ResourceManagerOptions { Quotas = { ["sure"] = new QuotaSetting { Guaranteed = new QuotaAmounts { Slots = 3 } } } });
        await it.Online(Claims.Agent("a", slots: 3));
        for (var i = 0; i < 2; i++) { await it.Runs("sure" + i, "a", requester: "sure"); }
        await it.Runs("other", "a", requester: "other");
        await it.Waits(Claims.Of("t") with { Requester = "other" });
        await it.Waits(Claims.Of("behind", enqueuedS: 5) with { Requester = "sure" });

        await it.Shows("t", "AGENT_CAPACITY FAIR_SHARE", "every slot taken on 1 agent");
        Assert.StartsWith("sure is within what is guaranteed", (await it.Why("t")).Reasons[1].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_room_that_is_kept_for_a_larger_one()
    {
        var it = new Situation(new ResourceManagerOptions { EarmarkAfter = TimeSpan.Zero });
        await it.Online(Claims.Agent("a", slots: 3, memoryMib: 4 * Gib));
        foreach (var i in new[] { 1, 2 }) { await it.Runs("run" + i, "a", memoryMib: Gib); }
        await it.Waits(Claims.Of("large", memoryMib: 4 * Gib));
        it.Passes(TimeSpan.FromSeconds(1));
        await it.Reaps();
        await it.Waits(Claims.Of("t", memoryMib: Gib, enqueuedS: 1));

        await it.Shows("t", "RESERVED", "room on 1 agent is kept for a larger task");
        Assert.Contains("kept for task large", (await it.Why("t")).Reasons[0].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_only_agent_lost_work_by_its_silence_and_has_just_come_back()
    {
        var it = new Situation();
        await it.Online(Claims.Agent("a"));
        await it.Runs("1", "a");
        it.Passes(TimeSpan.FromSeconds(30));
        await it.Reaps();
        await it.Online(Claims.Agent("a"));
        await it.Waits(Claims.Of("t"));

        await it.Shows("t", "NO_AGENT_FOR_TYPE", "1 in quarantine after a silence");
        Assert.Equal("every online agent that handles data.analysis is in quarantine after a silence", (await it.Why("t")).Reasons[0].Sentence);
        it.Passes(TimeSpan.FromSeconds(19));
        await it.Beats("a");
        await it.Reaps();
        await it.Shows("t", "NO_AGENT_FOR_TYPE", "1 in quarantine after a silence");
    }

    [Fact]
    public async Task The_only_agent_failed_too_often()
    {
        var it = new Situation(new ResourceManagerOptions { HoldAfter = 2 });
        await it.Online(Claims.Agent("a"));
        foreach (var task in new[] { "1", "2" })
        {
            await it.Runs(task, "a");
            await it.Fails(task);
        }

        await it.Waits(Claims.Of("t"));

        await it.Shows("t", "NO_AGENT_FOR_TYPE", "1 on hold after failures");
    }

    [Fact]
    public async Task The_estimate_counts_the_room_that_is_kept_for_another()
    {
        var it = new Situation(new ResourceManagerOptions { EarmarkAfter = TimeSpan.Zero });
        it.Known("data.analysis", 100, 100, 100);
        await it.Online(Claims.Agent("a", slots: 3, memoryMib: 4 * Gib));
        foreach (var i in new[] { 1, 2 }) { await it.Runs("run" + i, "a", memoryMib: Gib); }
        await it.Waits(Claims.Of("large", memoryMib: 4 * Gib));
        await it.Reaps();
        await it.Waits(Claims.Of("t", memoryMib: Gib, enqueuedS: 1));

        // There is room for it now, and it is not for it: the two end, the large one runs, and then it starts.
        Assert.Equal(Claims.Noon.AddSeconds(200), (await it.Why("t")).EstimatedStart!.Likely);
    }
}
