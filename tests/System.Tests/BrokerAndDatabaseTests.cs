namespace A2A.Micro.System.Tests;

/// <summary>What everything stands on goes away for a while.</summary>
public sealed class BrokerAndDatabaseTests
{
    private static readonly SystemPlan Plan = new()
    {
        Agents = [new("DataAnalysis", "analyst-a")],
        Lease = TimeSpan.FromSeconds(10),
        CanLoseBroker = true,
    };

    [Fact]
    public async Task Without_a_broker_work_is_accepted_and_done_when_it_is_back()
    {
        await using var system = await RunningSystem.Start(Plan);
        system.WayToBroker.Cut();

        var ids = new List<string>();
        for (var n = 0; n < 20; n++) { ids.Add(await system.SubmitId(Caller.Small($"cut-off-{n}"))); }
        var waiting = await system.Get("/v1/tasks/" + ids[^1]);
        Assert.Equal("submitted", waiting.Text("state"));
        Assert.Equal("VALIDATING", waiting.GetProperty("waiting").Text("code"));

        system.WayToBroker.Mend();
        await system.EveryTaskCompletedOnce(ids);
    }

    [Fact]
    public async Task A_broker_that_goes_and_comes_under_load_loses_nothing()
    {
        await using var system = await RunningSystem.Start(Plan);
        await using var load = new SteadyLoad(system, TimeSpan.FromMilliseconds(50));
        load.Begin();
        for (var outage = 0; outage < 2; outage++)
        {
            load.HandIn(40);
            await load.MoreAccepted(20);
            system.WayToBroker.Cut();
            load.HandIn(40);
            await load.MoreAccepted(30);
            system.WayToBroker.Mend();
        }

        await load.Finish();
        Assert.Empty(load.Forgotten);
        await system.EveryTaskCompletedOnce(load.Accepted);
    }

    [Fact]
    public async Task A_broker_that_closes_every_connection_every_three_seconds_loses_nothing()
    {
        await using var system = await RunningSystem.Start(Plan);
        await Repeatedly(system, TimeSpan.FromSeconds(3), () =>
            RabbitBroker.Control("close_all_connections", "--vhost", system.VirtualHost, "closed by a test"));
    }

    [Fact]
    public async Task A_database_that_breaks_every_connection_every_two_seconds_loses_nothing()
    {
        await using var system = await RunningSystem.Start(Plan);
        await Repeatedly(system, TimeSpan.FromSeconds(2), () => system.Database.Read<long>("""
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
            """));
    }

    // The fault comes again and again for as long as work is handed in, at least five times.
    private static async Task Repeatedly(RunningSystem system, TimeSpan every, Func<Task> fault)
    {
        await using var load = new SteadyLoad(system, TimeSpan.FromMilliseconds(50));
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
        await system.EveryTaskCompletedOnce(load.Accepted);
    }
}
