namespace A2A.Micro.System.Tests;

/// <summary>What everything stands on goes away for a while.</summary>
public sealed class BrokerAndDatabaseTests(BrokerAndDatabaseTests.Breakable breakable) : IClassFixture<BrokerAndDatabaseTests.Breakable>
{
    private RunningSystem System => breakable.System;

    [Fact]
    public async Task Without_a_broker_work_is_accepted_and_done_when_it_is_back()
    {
        System.WayToBroker.Cut();

        var ids = new List<string>();
        for (var n = 0; n < 20; n++) { ids.Add(await System.SubmitId(Caller.Small($"cut-off-{n}"))); }
        var waiting = await System.Get("/v1/tasks/" + ids[^1]);
        Assert.Equal("submitted", waiting.Text("state"));
        Assert.Equal("VALIDATING", waiting.GetProperty("waiting").Text("code"));

        System.WayToBroker.Mend();
        await System.EveryTaskCompletedOnce(ids);
    }

    [Fact]
    public async Task A_broker_that_goes_and_comes_under_load_loses_nothing()
    {
        await using var load = new SteadyLoad(System, TimeSpan.FromMilliseconds(50));
        load.Begin();
        for (var outage = 0; outage < 2; outage++)
        {
            load.HandIn(40);
            await load.MoreAccepted(20);
            System.WayToBroker.Cut();
            load.HandIn(40);
            await load.MoreAccepted(30);
            System.WayToBroker.Mend();
        }

        await load.Finish();
        Assert.Empty(load.Forgotten);
        await System.EveryTaskCompletedOnce(load.Accepted);
    }

    [Fact]
    public async Task A_broker_that_closes_every_connection_every_three_seconds_loses_nothing()
    {
        await Repeatedly(TimeSpan.FromSeconds(3), () =>
            RabbitBroker.Control("close_all_connections", "--vhost", System.VirtualHost, "closed by a test"));
    }

    [Fact]
    public async Task A_database_that_breaks_every_connection_every_two_seconds_loses_nothing()
    {
        await Repeatedly(TimeSpan.FromSeconds(2), () => System.Database.Read<long>("""
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
            """));
    }

    // The fault comes again and again for as long as work is handed in, at least five times.
    private async Task Repeatedly(TimeSpan every, Func<Task> fault)
    {
        await using var load = new SteadyLoad(System, TimeSpan.FromMilliseconds(50));
        load.Begin();
        load.HandIn(200);
        var finished = load.Finish();
        using var timer = new PeriodicTimer(every, TimeProvider.System);
        for (var times = 0; times < 5 || !finished.IsCompleted; times++)
        {
            _ = await timer.WaitForNextTickAsync();
            await fault();
        }

        await finished;
        Assert.Equal(200, load.Accepted.Count);
        Assert.Empty(load.Forgotten);
        await System.EveryTaskCompletedOnce(load.Accepted);
    }

    /// <summary>One agent, and a way to the broker that can be cut.</summary>
    public sealed class Breakable : IAsyncLifetime
    {
        public RunningSystem System { get; private set; } = null!;

        public async Task InitializeAsync() => System = await RunningSystem.Start(new SystemPlan
        {
            Agents = [new("DataAnalysis", "analyst-a")],
            Lease = TimeSpan.FromSeconds(10),
            CanLoseBroker = true,
        });

        public async Task DisposeAsync() => await System.DisposeAsync();
    }
}
