using A2A.Micro.Bench.Load;
using A2A.Micro.Bench.Measuring;

namespace A2A.Micro.Bench.Systems;

/// <summary>Starts a system, warms it, runs every load on it, and ends it.</summary>
public static class SystemRun
{
    private const int WarmSingle = 20;
    private const int WarmGraphs = 5;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>Everything in one process.</summary>
    public static async Task<IReadOnlyList<Measurement>> Standalone(Arguments arguments, CancellationToken cancellation)
    {
        await using var system = StandaloneSystem.Start();
        return await Run(arguments, system, new TaskClient(system.Gateway, arguments), [], null, cancellation);
    }

    /// <summary>A process per service, everything durable; open, or with everything on that makes it safe.</summary>
    public static async Task<IReadOnlyList<Measurement>> Distributed(
        string name, Arguments arguments, Servers servers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(servers);
        await DistributedSystem.Clean(servers, cancellation);
        await using var database = await BenchDatabase.Create(servers, cancellation);
        await using var fortress = name == DistributedSystem.Name ? null : await Fortress.Build(servers);
        await using var system = await DistributedSystem.Start(name, servers, database.Name, fortress);
        var client = new TaskClient(system.Gateway, arguments, fortress?.Key, hasSecret: name == DistributedSystem.Sealed);
        return await Run(
            arguments, system, client, [.. servers.WatchedBroker(), .. servers.WatchedDatabase()], new DatabaseCounters(database.Source),
            cancellation);
    }

    private static async Task<IReadOnlyList<Measurement>> Run(
        Arguments arguments, SystemUnderTest system, TaskClient tasks, IReadOnlyList<Watched> servers, DatabaseCounters? database,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        using var client = tasks;
        var (loads, graphs) = (new TaskLoads(client), new GraphLoads(client));
        await system.Ready(cancellation);
        _ = await loads.InFlight(arguments.Submitters, new Latencies(arguments.Warmup), arguments.Warmup, cancellation);
        _ = await loads.Backlog(arguments.Submitters, new Latencies(arguments.Warmup), arguments.Warmup, cancellation);
        _ = await loads.InFlight(1, new Latencies(WarmSingle), WarmSingle, cancellation);
        _ = await graphs.Fans(new Latencies(WarmGraphs), WarmGraphs, cancellation);
        _ = await graphs.Pipelines(new Latencies(WarmGraphs), WarmGraphs, cancellation);
        // What was called often enough is compiled once more, in the background; that belongs to no measurement.
        await Task.Delay(Settling, TimeProvider.System, cancellation);
        var meter = new Meter(system.Name, [.. system.Watched, .. servers], loadCounts: false, database);
        List<Measurement> lines =
        [
            await meter.Measure(Workloads.InFlight(arguments.Submitters), arguments.Tasks, latencies =>
                loads.InFlight(arguments.Submitters, latencies, arguments.Tasks, cancellation), cancellation),
            await meter.Measure(Workloads.Backlog, arguments.Tasks, latencies =>
                loads.Backlog(arguments.Submitters, latencies, arguments.Tasks, cancellation), cancellation),
            await meter.Measure(Workloads.Single, arguments.Single, latencies =>
                loads.InFlight(1, latencies, arguments.Single, cancellation), cancellation),
            await meter.Measure(Workloads.Fan, arguments.Graphs * GraphLoads.FanTasks, latencies =>
                graphs.Fans(latencies, arguments.Graphs, cancellation), cancellation),
            await meter.Measure(Workloads.Pipeline, arguments.Graphs * GraphLoads.Stages, latencies =>
                graphs.Pipelines(latencies, arguments.Graphs, cancellation), cancellation),
        ];
        if (arguments.Waiting > 0)
        {
            await client.LetWait(arguments.Waiting, cancellation);
            lines.Add(await meter.Measure(
                Workloads.BesideWaiting(arguments.Submitters, arguments.Waiting), arguments.Tasks,
                latencies => loads.InFlight(arguments.Submitters, latencies, arguments.Tasks, cancellation), cancellation));
        }

        return lines;
    }
}
