namespace A2A.Micro.Bench.Measuring;

/// <summary>One line of the table.</summary>
public sealed record Measurement
{
    /// <summary>What was measured.</summary>
    public required string System { get; init; }

    /// <summary>With which load.</summary>
    public required string Workload { get; init; }

    /// <summary>Tasks, or round trips of the floor.</summary>
    public required int Tasks { get; init; }

    /// <summary>Those that did not end as they should.</summary>
    public required int Errors { get; init; }

    /// <summary>From the first submission to the last result.</summary>
    public required double Seconds { get; init; }

    /// <summary>Median of the time from submission to result, in milliseconds.</summary>
    public required double P50Ms { get; init; }

    /// <summary>95 of 100 were faster.</summary>
    public required double P95Ms { get; init; }

    /// <summary>99 of 100 were faster.</summary>
    public required double P99Ms { get; init; }

    /// <summary>What each process used; the one that made the load is not part of a system's sum.</summary>
    public required IReadOnlyList<ProcessUse> Processes { get; init; }

    /// <summary>Transactions that PostgreSQL committed, per task; null without it.</summary>
    public double? CommitsPerTask { get; init; }

    /// <summary>Bytes that PostgreSQL wrote ahead, per task; null without it.</summary>
    public double? WalBytesPerTask { get; init; }

    /// <summary>Tasks per second.</summary>
    public double PerSecond => Tasks / Seconds;

    /// <summary>Milliseconds of processor time per task.</summary>
    public double CpuMsPerTask => Processes.Where(process => process.Counts).Sum(process => process.CpuSeconds) * 1000 / Tasks;

    /// <summary>Sum of the peaks.</summary>
    public double PeakMiB => Processes.Where(process => process.Counts).Sum(process => process.PeakMiB);
}

/// <summary>What one process used during one measurement.</summary>
/// <param name="Name">Which process.</param>
/// <param name="CpuSeconds">User and system.</param>
/// <param name="PeakMiB">Resident memory.</param>
/// <param name="Counts">Whether it is part of the system.</param>
public sealed record ProcessUse(string Name, double CpuSeconds, double PeakMiB, bool Counts);
