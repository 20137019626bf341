using System.Diagnostics;

namespace A2A.Micro.Bench.Measuring;

/// <summary>Measures a load on a set of processes.</summary>
/// <param name="system">What the report calls the system.</param>
/// <param name="processes">Its processes.</param>
/// <param name="loadCounts">Whether this process is part of the system: at the floor it is both ends.</param>
/// <param name="database">What PostgreSQL counts; null without it.</param>
public sealed class Meter(
    string system, IReadOnlyList<Watched> processes, bool loadCounts = false, DatabaseCounters? database = null)
{
    private readonly Watched _load = new("load generator", Environment.ProcessId);

    /// <summary>Runs the load and says what it cost.</summary>
    /// <param name="workload">What the report calls it.</param>
    /// <param name="tasks">How many tasks it will run.</param>
    /// <param name="load">Runs them and returns how many did not end well.</param>
    /// <param name="cancellation">Ends the run.</param>
    public async Task<Measurement> Measure(
        string workload, int tasks, Func<Latencies, Task<int>> load, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(load);
        await Console.Error.WriteLineAsync($"{system}: {workload} ...");
        Watched[] watched = [.. processes, _load];
        foreach (var process in watched) { process.ForgetPeak(); }
        var latencies = new Latencies(tasks);
        var countedBefore = database is null ? null : await database.Read(cancellation);
        var cpuBefore = Array.ConvertAll(watched, process => process.CpuSeconds());
        var watch = Stopwatch.StartNew();
        var errors = await load(latencies);
        var seconds = watch.Elapsed.TotalSeconds;
        var uses = watched.Select((process, i) => new ProcessUse(
            process.Name, process.CpuSeconds() - cpuBefore[i], process.PeakMiB(), loadCounts || process != _load)).ToArray();
        var counted = database is null ? null : await database.Read(cancellation);
        return new Measurement
        {
            System = system,
            Workload = workload,
            Tasks = tasks,
            Errors = errors,
            Seconds = seconds,
            P50Ms = latencies.Percentile(0.50),
            P95Ms = latencies.Percentile(0.95),
            P99Ms = latencies.Percentile(0.99),
            Processes = uses,
            CommitsPerTask = (counted?.Commits - countedBefore?.Commits) / (double)tasks,
            WalBytesPerTask = (counted?.WalBytes - countedBefore?.WalBytes) / (double)tasks,
        };
    }
}
