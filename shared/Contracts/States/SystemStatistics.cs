namespace A2A.Micro.Contracts.States;

/// <summary>What all tasks together say.</summary>
public interface ISystemStatistics
{
    /// <summary>The figures now, at most a few seconds old.</summary>
    Task<SystemStatistics> Read(CancellationToken cancellation);

    /// <summary>How many tasks have not ended, by tenant; tenants without one are left out. Counted at the moment.</summary>
    Task<IReadOnlyDictionary<string, long>> OpenByTenant(CancellationToken cancellation);
}

/// <summary>All tasks in figures.</summary>
public sealed record SystemStatistics
{
    /// <summary>Most of the tasks that ended last from which durations and shares are reckoned.</summary>
    public const int SampleMax = 1000;

    /// <summary>When they were reckoned.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Tasks that have not ended, by state; every such state is there.</summary>
    public required IReadOnlyDictionary<string, long> Open { get; init; }

    /// <summary>Those that wait to run: submitted, blocked, queued and offered.</summary>
    public required long Waiting { get; init; }

    /// <summary>What ended lately, the shortest window first.</summary>
    public required IReadOnlyList<EndedWindow> Ended { get; init; }

    /// <summary>The tasks that ended last from which the rest is reckoned.</summary>
    public required int Sampled { get; init; }

    /// <summary>Where completed tasks spent their time.</summary>
    public required StageFigures Stages { get; init; }

    /// <summary>By task type, the busiest first, at most 100.</summary>
    public required IReadOnlyList<ShareFigures> Types { get; init; }

    /// <summary>By agent, the busiest first, at most 100.</summary>
    public required IReadOnlyList<ShareFigures> Agents { get; init; }
}

/// <summary>What ended within a span of time up to now.</summary>
public sealed record EndedWindow
{
    /// <summary>How long it is.</summary>
    public required int Seconds { get; init; }

    /// <summary>How many ended, by state; every terminal state is there.</summary>
    public required IReadOnlyDictionary<string, long> Count { get; init; }

    /// <summary>How many ended per second.</summary>
    public required double PerSecond { get; init; }
}

/// <summary>Seconds by stage.</summary>
public sealed record StageFigures
{
    /// <summary>From submission to the start of the last attempt; absent when nothing has completed.</summary>
    public DurationFigures? WaitingS { get; init; }

    /// <summary>From the agent's yes to the end, of the last attempt.</summary>
    public DurationFigures? ExecutionS { get; init; }

    /// <summary>From submission to the end.</summary>
    public DurationFigures? TotalS { get; init; }
}

/// <summary>A task type's or an agent's part.</summary>
public sealed record ShareFigures
{
    /// <summary>The type, or the agent.</summary>
    public required string Name { get; init; }

    /// <summary>Tasks that wait to run; of an agent: that are offered to it.</summary>
    public required long Waiting { get; init; }

    /// <summary>Tasks that an agent has in hand.</summary>
    public required long Running { get; init; }

    /// <summary>Of the sample: how many.</summary>
    public required int Ended { get; init; }

    /// <summary>Of these, completed.</summary>
    public required int Completed { get; init; }

    /// <summary>Of these, failed or expired.</summary>
    public required int Failed { get; init; }

    /// <summary>Of these, rejected.</summary>
    public required int Rejected { get; init; }

    /// <summary>Completed among those that were not cancelled, 0..1; absent when there are none.</summary>
    public double? SuccessRate { get; init; }

    /// <summary>From the agent's yes to the end, of completed tasks.</summary>
    public DurationFigures? ExecutionS { get; init; }
}
