using System.Diagnostics;
using A2A.Micro.Bench.Measuring;

namespace A2A.Micro.Bench.Floor;

/// <summary>Measures the floor: the same counts and the same payload as the systems above it.</summary>
public static class FloorRun
{
    /// <summary>What the report calls it.</summary>
    public const string Name = "floor";

    /// <summary>Many in flight, then one at a time.</summary>
    public static async Task<IReadOnlyList<Measurement>> Run(Arguments arguments, Servers servers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(servers);
        var payload = new byte[arguments.Payload];
        await using var link = await FloorLink.Open(servers.Broker, arguments.Submitters, cancellation);
        _ = await Load(link, payload, arguments.Submitters, new Latencies(arguments.Warmup), arguments.Warmup, cancellation);
        var meter = new Meter(Name, [.. servers.WatchedBroker()], loadCounts: true);
        return
        [
            await meter.Measure(Workloads.InFlight(arguments.Submitters), arguments.Tasks, latencies =>
                Load(link, payload, arguments.Submitters, latencies, arguments.Tasks, cancellation), cancellation),
            await meter.Measure(Workloads.Single, arguments.Single, latencies =>
                Load(link, payload, 1, latencies, arguments.Single, cancellation), cancellation),
        ];
    }

    private static async Task<int> Load(
        FloorLink link, byte[] payload, int inFlight, Latencies latencies, int count, CancellationToken cancellation)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            for (var trip = Interlocked.Increment(ref next); trip < count; trip = Interlocked.Increment(ref next))
            {
                var started = Stopwatch.GetTimestamp();
                await link.Ask(payload, cancellation);
                latencies.Note(trip, started);
            }
        }, cancellation)));
        return 0;
    }
}
