using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace A2A.Micro.Bench.Report;

/// <summary>Where and with what a run was made: numbers mean nothing without it.</summary>
public sealed record Machine
{
    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>The commit, with a plus when files differed from it.</summary>
    public required string Commit { get; init; }

    /// <summary>Processors that this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>The processor's own name.</summary>
    public required string Processor { get; init; }

    /// <summary>Memory in GiB.</summary>
    public required double MemoryGiB { get; init; }

    /// <summary>Runtime.</summary>
    public required string DotNet { get; init; }

    /// <summary>Version of the broker.</summary>
    public required string RabbitMq { get; init; }

    /// <summary>Version of the database.</summary>
    public required string PostgreSql { get; init; }

    /// <summary>Load average of the last minute before the run; near 0 when the machine had nothing else to do.</summary>
    public required double LoadBefore { get; init; }

    /// <summary>This machine now.</summary>
    public static Machine Now(string rabbitMq, string postgreSql) => new()
    {
        Date = TimeProvider.System.GetUtcNow(),
        Commit = Environment.GetEnvironmentVariable("A2A_BENCH_COMMIT") is { Length: > 0 } commit ? commit : BuiltFrom(),
        Cores = Environment.ProcessorCount,
        Processor = Line("/proc/cpuinfo", "model name"),
        MemoryGiB = Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024), 1),
        DotNet = RuntimeInformation.FrameworkDescription,
        RabbitMq = rabbitMq,
        PostgreSql = postgreSql,
        LoadBefore = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture),
    };

    private static string BuiltFrom() =>
        typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static string Line(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}
