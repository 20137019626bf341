namespace A2A.Micro.ResourceManager.Tests;

/// <summary>When will it start? By the run times of what is before it.</summary>
public sealed class StartForecastTests
{
    private readonly Situation _it = new();

    [Fact]
    public async Task It_starts_when_what_holds_its_room_has_run_as_long_as_its_kind_does()
    {
        _it.Known("data.analysis", 50, 100, 200);
        await _it.Online(Claims.Agent("a"));
        await _it.Runs("1", "a");
        _it.Passes(TimeSpan.FromSeconds(20));
        await _it.Waits(Claims.Of("t"));

        Assert.Equal((50, 100, 200), await Estimate("t"));
    }

    [Fact]
    public async Task Those_before_it_run_first()
    {
        _it.Known("data.analysis", 50, 100, 200);
        await _it.Online(Claims.Agent("a"));
        await _it.Runs("1", "a");
        await _it.Waits(Claims.Of("before", enqueuedS: -1));
        await _it.Waits(Claims.Of("t"));

        Assert.Equal((100, 200, 400), await Estimate("t"));
    }

    [Fact]
    public async Task What_runs_longer_than_its_kind_may_end_any_moment()
    {
        _it.Known("data.analysis", 1, 2, 30);
        await _it.Online(Claims.Agent("a"));
        await _it.Runs("1", "a");
        _it.Passes(TimeSpan.FromSeconds(10));
        await _it.Waits(Claims.Of("t"));

        Assert.Equal((10, 10, 30), await Estimate("t"));
    }

    [Fact]
    public async Task A_large_one_waits_until_enough_has_ended_and_small_ones_behind_it_do_not_count()
    {
        _it.Known("short.work", 10, 10, 10);
        _it.Known("data.analysis", 90, 90, 90);
        await _it.Online(Claims.Agent("a", slots: 4, memoryMib: 10, types: ["data.*", "short.*"]));
        await _it.Runs("1", "a", type: "short.work", memoryMib: 5);
        await _it.Runs("2", "a", memoryMib: 5);
        await _it.Waits(Claims.Of("t", memoryMib: 10));
        await _it.Waits(Claims.Of("small", memoryMib: 1, enqueuedS: 1));

        Assert.Equal((90, 90, 90), await Estimate("t"));
    }

    [Fact]
    public async Task Nothing_is_said_without_history_but_which_history_would_help()
    {
        await _it.Online(Claims.Agent("a", types: ["data.*", "other.*"]), Claims.Agent("b", types: "image.*"));
        await _it.Runs("1", "a", type: "other.work");
        await _it.Runs("2", "b", type: "image.draw");
        await _it.Waits(Claims.Of("before", type: "data.cleaning", enqueuedS: -1));
        await _it.Waits(Claims.Of("t"));

        var why = await _it.Why("t");
        Assert.Null(why.EstimatedStart);
        Assert.Equal(["data.cleaning", "other.work"], why.RunTimesWanted);
        Assert.Equal("it is not known yet how long work of these types takes: data.cleaning, other.work", why.NoEstimate);
    }

    [Fact]
    public async Task Work_without_history_is_not_waited_for_where_other_room_is_known_to_be_freed()
    {
        _it.Known("data.analysis", 10, 20, 30);
        await _it.Online(Claims.Agent("a", types: ["data.*", "other.*"]), Claims.Agent("b"));
        await _it.Runs("1", "a", type: "other.work");
        await _it.Runs("2", "b");
        await _it.Waits(Claims.Of("t"));

        Assert.Equal((10, 20, 30), await Estimate("t"));
    }

    [Fact]
    public async Task Nothing_is_said_when_nobody_could_take_it()
    {
        _it.Known("data.analysis", 10, 20, 30);
        await _it.Waits(Claims.Of("t"));

        var why = await _it.Why("t");
        Assert.Null(why.EstimatedStart);
        Assert.Equal("no agent that gets work now could take it", why.NoEstimate);
    }

    [Fact]
    public async Task Those_before_it_that_want_other_room_are_no_rivals()
    {
        _it.Known("data.analysis", 10, 20, 30);
        await _it.Online(Claims.Agent("a"), Claims.Agent("b", types: "image.*"));
        await _it.Runs("1", "a");
        await _it.Runs("2", "b", type: "image.draw");
        await _it.Waits(Claims.Of("picture", type: "image.draw", enqueuedS: -3));
        await _it.Waits(Claims.Of("before", enqueuedS: -2));
        await _it.Waits(Claims.Of("t"));

        var why = await _it.Why("t");
        Assert.Equal((3, 1), (why.Position, why.RivalsAhead));
        Assert.Null(why.NoEstimate);
    }

    [Fact]
    public async Task It_starts_when_its_requesters_own_work_leaves_room_in_the_quota_and_on_any_agent()
    {
        var it = Limited();
        it.Known("data.analysis", 50, 100, 200);
        await it.Online(Claims.Agent("a"), Claims.Agent("b", slots: 5));
        await it.Runs("1", "a", requester: "team");
        await it.Runs("others", "b");
        await it.Waits(Claims.Of("own-before", pin: "a", enqueuedS: -1) with { Requester = "team" });
        await it.Waits(Claims.Of("t", pin: "b") with { Requester = "team" });

        var why = await it.Why("t");
        Assert.Equal("REQUESTER_QUOTA", why.Reasons[0].Code);
        Assert.Equal((100, 200, 400, "b"), (Seconds(why.EstimatedStart!.Earliest), Seconds(why.EstimatedStart.Likely),
            Seconds(why.EstimatedStart.Latest), why.EstimatedStart.AgentId));
    }

    [Fact]
    public async Task Nothing_is_said_about_what_exceeds_the_quota_by_itself_or_waits_for_own_work_without_history()
    {
        var it = Limited();
        await it.Online(Claims.Agent("a", slots: 2, memoryMib: 8192, types: ["data.*", "other.*"]));
        await it.Runs("1", "a", type: "other.work", requester: "team");
        await it.Waits(Claims.Of("t") with { Requester = "team" });
        await it.Waits(Claims.Of("large", memoryMib: 4096, enqueuedS: 1) with { Requester = "team" });

        Assert.Null((await it.Why("t")).EstimatedStart);
        Assert.Equal(["other.work"], (await it.Why("t")).RunTimesWanted);
        Assert.Equal("it asks for more than its requester may ever have", (await it.Why("large")).NoEstimate);
    }

    private static Situation Limited() => new(new ResourceManagerOptions
    {
        Quotas = { ["team"] = new Policy.QuotaSetting { Limit = new Policy.QuotaAmounts { Slots = 1, MemoryGb = 2 } } },
    });

    private static double Seconds(DateTimeOffset at) => (at - Claims.Noon).TotalSeconds;

    private async Task<(double Earliest, double Likely, double Latest)> Estimate(string task)
    {
        var start = (await _it.Why(task)).EstimatedStart;
        Assert.NotNull(start);
        return (Seconds(start.Earliest), Seconds(start.Likely), Seconds(start.Latest));
    }
}
