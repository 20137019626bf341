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
    private const int Agents = 100, Slots = 10, Few = 100, Waiting = 20_000, Types = 10, Requesters = 10, Together = 256;

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

    private static void MeasureCore()
    {
        _ = Core(0, 5_000); // so that compiled code is what is measured
        var (alone, few, behind) = (Best(() => Core(0, 20_000)), Best(() => Core(Few, 20_000)), Best(() => Core(Waiting, 20_000)));
        Line($"core, line empty: {alone:0} placements/s; {Few} waiting: {few:0}; {Waiting} waiting: {behind:0}");
        Line($"core, slow-down from nobody: {alone / behind:0.00}; from one of each class: {few / behind:0.00}");
    }

    private static double Best(Func<double> measure) => Enumerable.Range(0, 3).Max(_ => measure());

    // One release gives room, which the first in the line or the next claim gets: one placement either way.
    private static double Core(int waiting, int count)
    {
        var pool = new Pool(TimeSpan.FromDays(1), LineRules.Of(new ResourceManagerOptions()));
        var held = new Queue<AttemptKey>();
        var next = 0;
        void Do(PoolOperation operation)
        {
            _ = pool.Do(operation, Workload.Start.AddMilliseconds(next));
            foreach (var entry in pool.TakeChanges().Entries)
            {
                if (entry.Delta.Slots > 0) { held.Enqueue(entry.Attempt); }
            }
        }

        for (var i = 0; i < Agents; i++) { Do(new PoolOperation.Announce(Agent(i))); }
        while (next < Agents * Slots + waiting) { Do(new PoolOperation.ClaimRoom(Claim(next++))); }
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var ended = held.Dequeue();
            Do(new PoolOperation.ReleaseRoom(ended));
            pool.Forget(ended);
            Do(new PoolOperation.ClaimRoom(Claim(next++)));
        }

        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

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

        await using var pool = new PostgresPool(database.Source, new KeptOutbox(), Options.Create(new ResourceManagerOptions()), TimeProvider.System);
        for (var i = 0; i < Agents; i++) { await pool.Announce(Agent(i), CancellationToken.None); }
        // Half of the room is free: what is claimed is granted and not queued.
        var next = 0;
        _ = await Turns(pool, 1_000, () => Claim(Interlocked.Increment(ref next)));
        var empty = await Turns(pool, 5_000, () => Claim(Interlocked.Increment(ref next)));
        Line($"allocate and release, line empty: {empty:0}/s ({empty / floor:0.00} of the floor)");
        await Parallel.ForEachAsync(Enumerable.Range(0, Waiting), new ParallelOptions { MaxDegreeOfParallelism = Together }, async (i, stop) =>
            _ = await pool.Claim(Claim(1_000_000 + i) with { Pin = "nobody" }, stop));
        var full = await Turns(pool, 5_000, () => Claim(Interlocked.Increment(ref next)));
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

    private static Announcement Agent(int number) => new($"agent-{number:000}", 1, ["*"], new Quantities(Slots, 100_000, 1 << 20, 0, 0));

    private static ResourceClaim Claim(int number)
    {
        var attempt = new AttemptKey($"task-{number:0000000}", 1);
        return new ResourceClaim
        {
            Attempt = attempt,
            TaskType = $"bench.type{number % Types}",
            Wanted = new Quantities(1, 1000 + number % Types * 100, 1024, 0, 0),
            Requester = $"requester-{number / Types % Requesters}",
            Line = LineKey.Of(attempt, 2, Workload.Start.AddMilliseconds(number), null, TimeSpan.FromSeconds(60)),
        };
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
