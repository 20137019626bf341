using System.Diagnostics;
using System.Globalization;
using A2A.Micro.Bench.Systems;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.ResourceManager;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.Bench.Line;

/// <summary><c>pool</c>: 100 agents that are full; what one allocation and one release cost with nobody in the line and with 20,000.</summary>
public static class PoolRun
{
    // A slice serves the longest line once and brings several collections to each: none is charged with those of another.
    private const int Few = 100, Waiting = 20_000, Together = 256, Slice = Waiting, Slices = 31, WarmSlices = 3;

    /// <summary>The whole program.</summary>
    /// <param name="part"><c>core</c> or <c>stored</c>; null: both.</param>
    public static async Task Run(string? part)
    {
        if (part != "stored") { MeasureCore(); }
        if (part == "core" || Servers.FromEnvironment() is not { } servers) { return; }
        await using var database = await BenchDatabase.Create(servers, CancellationToken.None);
        var floor = await Floor(database.Source);
        Line($"PostgreSQL floor (one row updated, one inserted, committed, 16 connections): {floor:0} transactions/s");
        await Stored(database, floor);
    }

    // In turns, so that what else the machine does meets all of them alike: the ratios are what is worth reading.
    private static void MeasureCore()
    {
        (string Name, FullPool Pool)[] all =
        [
            ("0 waiting", new FullPool(0, true)), ("100 waiting", new FullPool(Few, true)), ("20,000 waiting", new FullPool(Waiting, true)),
            ("0 waiting, and who comes finds room", new FullPool(0, false)),
        ];
        var pools = Array.ConvertAll(all, one => one.Pool);
        // So that compiled code is what is measured.
        for (var i = 0; i < WarmSlices; i++) { _ = Array.ConvertAll(pools, pool => pool.Turns(Slice)); }
        var slices = Enumerable.Range(0, Slices).Select(_ => Array.ConvertAll(pools, pool => pool.Turns(Slice))).ToList();
        for (var i = 0; i < all.Length; i++)
        {
            var (costs, ratios) = (slices.ConvertAll(slice => slice[i]), Sorted(slices.Select(slice => slice[i].Us / slice[0].Us)));
            Line($"core, {all[i].Name}: {1e6 / Sorted(costs.Select(cost => cost.Us))[Slices / 2]:0} placements/s, the median of {Slices} times {Slice}");
            Line($"  time of one against the first: {ratios[Slices / 2]:0.00} ({ratios[Slices / 4]:0.00} - {ratios[Slices * 3 / 4]:0.00})");
            Line($"  {costs.Average(cost => cost.GcUs) / costs.Average(cost => cost.Us):0%} of it is the collection of {costs[0].Bytes} bytes each");
        }
    }

    private static List<double> Sorted(IEnumerable<double> figures) => [.. figures.Order()];

    private static async Task Stored(BenchDatabase database, double floor)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("ConnectionStrings:Postgres", (string?)database.ConnectionString)]).Build();
        await using var provider = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddModuleDb<ResourceManagerDb>(StoreKind.Postgres, configuration).BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartingAsync(CancellationToken.None);
        }

        await using var pool = new PostgresPool(
            database.Source, new KeptOutbox(), Options.Create(new ResourceManagerOptions { RunningPerTenantMax = 0 }), TimeProvider.System);
        for (var i = 0; i < FullPool.Agents; i++) { await pool.Announce(FullPool.Agent(i), CancellationToken.None); }
        // Half of the room is free: what is claimed is granted and not queued.
        var next = 0;
        _ = await Turns(pool, 1_000, () => FullPool.Claim(Interlocked.Increment(ref next)));
        var empty = await Turns(pool, 5_000, () => FullPool.Claim(Interlocked.Increment(ref next)));
        Line($"allocate and release, line empty: {empty:0}/s ({empty / floor:0.00} of the floor)");
        await Parallel.ForEachAsync(Enumerable.Range(0, Waiting), new ParallelOptions { MaxDegreeOfParallelism = Together }, async (i, stop) =>
            _ = await pool.Claim(FullPool.Claim(1_000_000 + i) with { Pin = "nobody" }, stop));
        var full = await Turns(pool, 5_000, () => FullPool.Claim(Interlocked.Increment(ref next)));
        Line($"allocate and release, {Waiting} waiting: {full:0}/s ({full / floor:0.00} of the floor); slow-down {empty / full:0.00}");
    }

    private static async Task<double> Turns(PostgresPool pool, int count, Func<ResourceClaim> claim)
    {
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Together }, async (turn, stop) =>
        {
            var wish = claim();
            _ = await pool.Claim(wish, stop);
            _ = await pool.Release(wish.Attempt, null, AttemptOutcome.Succeeded, stop);
        });
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // What pgbench calls simple-update, without its client: the least that a durable change costs on this server.
    private static async Task<double> Floor(NpgsqlDataSource source)
    {
        await using (var make = source.CreateCommand(
            "create table floor_rows as select i as id, 0 as n from generate_series(1, 100000) i; alter table floor_rows add primary key (id);"
            + "create table floor_log (id int, n int, at timestamptz)"))
        {
            _ = await make.ExecuteNonQueryAsync();
        }

        var (count, started, random) = (4_000, Stopwatch.GetTimestamp(), new Random(1));
        var ids = Enumerable.Range(0, count).Select(_ => random.Next(1, 100_001)).ToList();
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (id, stop) =>
        {
            await using var change = source.CreateCommand(
                $"begin; update floor_rows set n = n + 1 where id = {id}; insert into floor_log values ({id}, 1, now()); commit");
            _ = await change.ExecuteNonQueryAsync(stop);
        });
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    // What is said stays in the outbox: nobody listens here.
    private sealed class KeptOutbox : IOutbox<ResourceManagerDb>
    {
        public long Pending => 0;

        public NpgsqlBatchCommand Insert(IReadOnlyCollection<Outgoing> messages) => new("SELECT 1");

        public ValueTask Committed(IReadOnlyCollection<Outgoing> messages, CancellationToken cancellation) => ValueTask.CompletedTask;
    }
}
