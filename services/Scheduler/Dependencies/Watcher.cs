namespace A2A.Micro.Scheduler.Dependencies;

/// <summary>Somebody who waits for this task.</summary>
public sealed record Watcher
{
    /// <summary>The task that waits.</summary>
    public required string DependentId { get; init; }

    /// <summary>Since when, to the millisecond.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>It is enough that an agent begins.</summary>
    public bool UntilStarted { get; init; }

    /// <summary>JSON pointers of the parts of the result that it wants.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }
}
