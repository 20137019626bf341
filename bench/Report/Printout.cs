using System.Globalization;
using System.Text;
using A2A.Micro.Bench.Floor;
using A2A.Micro.Bench.Measuring;
using A2A.Micro.Bench.Systems;

namespace A2A.Micro.Bench.Report;

/// <summary>The report as text; the tables are Markdown, so that they can be kept as they are.</summary>
public static class Printout
{
    /// <summary>Machine, table, ratios.</summary>
    public static string Of(Machine machine, IReadOnlyList<Measurement> lines, bool serversWatched)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(lines);
        var text = new StringBuilder();
        _ = text.AppendLine(Invariant($"{machine.Date:yyyy-MM-dd HH:mm} UTC, commit {machine.Commit}"))
            .AppendLine(Invariant($"{machine.Cores} cores ({machine.Processor}), {machine.MemoryGiB} GiB, load average before: {machine.LoadBefore}"))
            .AppendLine(Invariant($"{machine.DotNet}, RabbitMQ {machine.RabbitMq}, PostgreSQL {machine.PostgreSql}"))
            .AppendLine()
            .AppendLine("| system | load | tasks | tasks/s | p50 ms | p95 ms | p99 ms | CPU ms/task | peak MiB | errors |")
            .AppendLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var line in lines)
        {
            _ = text.Append(Invariant($"| {line.System} | {line.Workload} | {line.Tasks} | {line.PerSecond:0} | {line.P50Ms:0.0} "))
                .Append(Invariant($"| {line.P95Ms:0.0} | {line.P99Ms:0.0} | {line.CpuMsPerTask:0.00} | {line.PeakMiB:0} "))
                .AppendLine(Invariant($"| {line.Errors} |"));
        }

        if (!serversWatched) { _ = text.AppendLine().AppendLine("The servers' processes were not found here: their CPU and memory are not in the sums."); }
        AppendRatios(text.AppendLine(), lines);
        return text.ToString();
    }

    /// <summary>Who used what, per line of the table.</summary>
    public static string ProfileOf(IReadOnlyList<Measurement> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var text = new StringBuilder()
            .AppendLine("| system | load | process | CPU ms/task | share of a core | peak MiB |")
            .AppendLine("| --- | --- | --- | ---: | ---: | ---: |");
        foreach (var line in lines)
        {
            foreach (var process in line.Processes)
            {
                _ = text.Append(Invariant($"| {line.System} | {line.Workload} | {process.Name} | {process.CpuSeconds * 1000 / line.Tasks:0.00} "))
                    .AppendLine(Invariant($"| {process.CpuSeconds / line.Seconds:0%} | {process.PeakMiB:0} |"));
            }
        }

        foreach (var line in lines.Where(line => line.CommitsPerTask is not null))
        {
            _ = text.AppendLine().Append(Invariant($"{line.System}, {line.Workload}: {line.CommitsPerTask:0.00} commits and "))
                .Append(Invariant($"{line.WalBytesPerTask / 1024:0.0} KiB of WAL per task"));
        }

        return text.AppendLine().ToString();
    }

    private static void AppendRatios(StringBuilder text, IReadOnlyList<Measurement> lines)
    {
        foreach (var beside in lines.Where(line => line.Workload.EndsWith("waiting", StringComparison.Ordinal)))
        {
            var alone = lines.First(line => line.System == beside.System && beside.Workload.StartsWith(line.Workload + ",", StringComparison.Ordinal));
            _ = text.Append(Invariant($"{beside.System}, {beside.Workload}: p50 {beside.P50Ms / alone.P50Ms:0.00} x, "))
                .AppendLine(Invariant($"throughput {beside.PerSecond / alone.PerSecond:0.00} x what it is without those that wait"));
        }

        AppendSecurity(text, lines);
        foreach (var floor in lines.Where(line => line.System == FloorRun.Name))
        {
            foreach (var line in lines.Where(line => line.System != FloorRun.Name && line.Workload == floor.Workload))
            {
                _ = text.Append(Invariant($"{line.System} / floor, {line.Workload}: throughput {line.PerSecond / floor.PerSecond:0.000}, "))
                    .AppendLine(Invariant($"p50 {line.P50Ms / floor.P50Ms:0.0} x, CPU {line.CpuMsPerTask / floor.CpuMsPerTask:0.0} x"));
            }
        }
    }

    // Against the mean of what was measured open, before and after.
    private static void AppendSecurity(StringBuilder text, IReadOnlyList<Measurement> lines)
    {
        foreach (var line in lines.Where(line => line.System is DistributedSystem.Secured or DistributedSystem.Sealed))
        {
            var open = lines.Where(one => one.System == DistributedSystem.Name && one.Workload == line.Workload).ToList();
            if (open.Count == 0) { continue; }
            _ = text.Append(Invariant($"{line.System} / open, {line.Workload}: throughput {line.PerSecond / open.Average(one => one.PerSecond):0.00}, "))
                .Append(Invariant($"p50 {line.P50Ms / open.Average(one => one.P50Ms):0.00} x, "))
                .AppendLine(Invariant($"CPU {line.CpuMsPerTask / open.Average(one => one.CpuMsPerTask):0.00} x"));
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
