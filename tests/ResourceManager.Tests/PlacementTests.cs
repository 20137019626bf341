using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Tests;

[Trait("Requirement", "14")]
[Trait("Requirement", "27")]
[Trait("Requirement", "83")]
[Trait("Requirement", "84")]
public sealed class PlacementTests
{
    private readonly Pool _pool = new(TimeSpan.FromHours(24));

    [Fact]
    public void The_emptier_agent_is_chosen_then_the_smaller_id()
    {
        Announce(Claims.Agent("b", slots: 2), Claims.Agent("a", slots: 4));

        Assert.Equal(["a", "b", "a"], [AgentOf("1"), AgentOf("2"), AgentOf("3")]);
    }

    [Fact]
    public void Devices_are_left_to_those_who_need_them()
    {
        Announce(Claims.Agent("a", slots: 4, gpus: 2), Claims.Agent("b", slots: 1));

        Assert.Equal("b", AgentOf("1"));
        Assert.Equal("a", AgentOf("2", gpus: 1));
    }

    [Fact]
    public void A_pattern_covers_what_is_below_it_and_nothing_else()
    {
        Announce(Claims.Agent("a", slots: 9, types: "data.*"));

        Assert.Equal("a", AgentOf("1", type: "data.analysis"));
        var waits = Assert.IsType<ClaimAnswer.Waits>(Claim(Claims.Of("2", type: "image.generation")));
        Assert.Equal("NO_AGENT_FOR_TYPE", waits.Why.Code);
    }

    [Fact]
    public void The_agent_that_failed_it_is_taken_only_if_nothing_else_fits()
    {
        Announce(Claims.Agent("a", slots: 9), Claims.Agent("b", slots: 1));

        Assert.Equal("b", AgentOf("1", avoid: "a"));
        Assert.Equal("a", AgentOf("2", avoid: "a"));
    }

    [Fact]
    public void What_fits_no_agent_is_denied_with_what_is_missing()
    {
        Announce(Claims.Agent("a", memoryMib: 32 * 1024), Claims.Agent("b", memoryMib: 16 * 1024),
            Claims.Agent("c", types: "image.*"));

        var denied = Assert.IsType<ClaimAnswer.Denied>(Claim(Claims.Of("1", memoryMib: 512 * 1024)));

        Assert.Equal("INFEASIBLE", denied.Why.Code);
        Assert.Equal("memory_gb 512 > 32, the largest of 2 agents that handle data.analysis", denied.Why.Sentence);
        Assert.Equal("memory_gb", denied.Why.Missing);
    }

    [Fact]
    public void What_fits_only_in_parts_is_denied_too()
    {
        Announce(Claims.Agent("a", memoryMib: 1024), Claims.Agent("b", gpus: 1));

        var denied = Assert.IsType<ClaimAnswer.Denied>(Claim(Claims.Of("1", memoryMib: 1024, gpus: 1)));

        Assert.Equal("combination", denied.Why.Missing);
    }

    [Fact]
    public void A_task_that_everybody_rejected_is_denied()
    {
        Announce(Claims.Agent("a"), Claims.Agent("b"));

        Assert.Equal("EXCLUDED",
            Assert.IsType<ClaimAnswer.Denied>(Claim(Claims.Of("1", excluded: ["a", "b"]))).Why.Code);
        Assert.Equal("b", AgentOf("2", excluded: ["a"]));
    }

    [Fact]
    public void A_task_for_one_agent_waits_for_that_agent()
    {
        Announce(Claims.Agent("a", slots: 9));

        var waits = Assert.IsType<ClaimAnswer.Waits>(Claim(Claims.Of("1", pin: "b")));
        Announce(Claims.Agent("b"));

        Assert.Equal("PINNED_AGENT_OFFLINE", waits.Why.Code);
        Assert.Equal("b", _pool.Reservations[Claims.Key("1")].AgentId);
    }

    [Fact]
    public void A_busy_agent_is_something_to_wait_for_and_says_what_is_short()
    {
        Announce(Claims.Agent("a", slots: 2, memoryMib: 1024));
        _ = AgentOf("1", memoryMib: 1000);

        Assert.Equal("INSUFFICIENT_RESOURCES",
            Assert.IsType<ClaimAnswer.Waits>(Claim(Claims.Of("2", memoryMib: 100))).Why.Code);
        _ = AgentOf("3");
        Assert.Equal("AGENT_CAPACITY", Assert.IsType<ClaimAnswer.Waits>(Claim(Claims.Of("4"))).Why.Code);
    }

    [Fact]
    public void An_agent_that_was_large_enough_yesterday_may_come_back()
    {
        Announce(Claims.Agent("large", memoryMib: 1024), Claims.Agent("small"));
        _ = _pool.Do(new PoolOperation.Leave("large", 1), Claims.Noon);

        Assert.IsType<ClaimAnswer.Waits>(Claim(Claims.Of("1", memoryMib: 1024), Claims.Noon.AddHours(24)));
        Assert.IsType<ClaimAnswer.Denied>(Claim(Claims.Of("2", memoryMib: 1024), Claims.Noon.AddHours(25)));
    }

    private void Announce(params Announcement[] agents)
    {
        foreach (var agent in agents) { _ = _pool.Do(new PoolOperation.Announce(agent), Claims.Noon); }
    }

    private PoolAnswer Claim(ResourceClaim claim, DateTimeOffset? at = null) =>
        _pool.Do(new PoolOperation.ClaimRoom(claim), at ?? Claims.Noon);

    private string AgentOf(
        string task, string type = "data.analysis", long memoryMib = 0, long gpus = 0, string[]? excluded = null,
            string? avoid = null) =>
        (Claim(Claims.Of(task, type: type, memoryMib: memoryMib, gpus: gpus, excluded: excluded, avoid: avoid))
            as ClaimAnswer.Granted)?.Place.AgentId ?? "none";
}
