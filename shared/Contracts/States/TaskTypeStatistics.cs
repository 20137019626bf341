namespace A2A.Micro.Contracts.States;

/// <summary>What history says about a task type.</summary>
public interface ITypeStatistics
{
    /// <summary>Figures of the last <see cref="TaskTypeStatistics.SampleMax"/> ended tasks of exactly this type; zero of them for an unknown one.</summary>
    Task<TaskTypeStatistics> Of(string taskType, CancellationToken cancellation);
}

/// <summary>Figures of the tasks of one type that ended last.</summary>
public sealed record TaskTypeStatistics
{
    /// <summary>Most tasks that are looked at: the latest ones.</summary>
    public const int SampleMax = 1000;

    /// <summary>The type.</summary>
    public required string TaskType { get; init; }

    /// <summary>Ended tasks that were looked at.</summary>
    public required int Count { get; init; }

    /// <summary>Of these, completed.</summary>
    public required int Completed { get; init; }

    /// <summary>Of these, cancelled; they say nothing about success.</summary>
    public required int Cancelled { get; init; }

    /// <summary>Completed among those that were not cancelled, 0..1; absent when there are none.</summary>
    public double? SuccessRate { get; init; }

    /// <summary>From the agent's yes to the end, of the last attempt of completed tasks; absent when there are none.</summary>
    public DurationFigures? ExecutionS { get; init; }

    /// <summary>From submission to the end, of completed tasks, waiting and repeated attempts included; absent when there are none.</summary>
    public DurationFigures? TotalS { get; init; }
}

/// <summary>How durations spread, in seconds.</summary>
public sealed record DurationFigures
{
    /// <summary>19 of 20 took longer.</summary>
    public required double P05 { get; init; }

    /// <summary>Half took longer.</summary>
    public required double P50 { get; init; }

    /// <summary>One of 20 took longer.</summary>
    public required double P95 { get; init; }

    /// <summary>One of 100 took longer.</summary>
    public required double P99 { get; init; }

    /// <summary>The figures of some durations, by the nearest rank; null when there are none.</summary>
    public static DurationFigures? Of(IEnumerable<double> seconds)
    {
        var sorted = seconds.Order().ToArray();
        double Rank(double share) => Math.Round(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)], 3);
        return sorted.Length == 0 ? null : new() { P05 = Rank(0.05), P50 = Rank(0.5), P95 = Rank(0.95), P99 = Rank(0.99) };
    }
}
