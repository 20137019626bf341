using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// What a task gets where its submission says nothing. Parts that are absent are taken from the next source: the task, the operator, the
/// agent that announces the type, the complexity class of the name, the defaults of the system.
/// </summary>
public sealed record TaskTypeProfile
{
    /// <summary>1 low .. 4 critical.</summary>
    public int? Priority { get; init; }

    /// <summary>
    /// Seconds to the deadline, 1..31536000: from submission, and for a task that waits for others or for its time from when it may start.
    /// </summary>
    public double? TimeoutS { get; init; }

    /// <summary>What it needs while it runs.</summary>
    public Requirements? Requirements { get; init; }

    /// <summary>What happens after a failed attempt.</summary>
    public RetryRule? Retry { get; init; }

    /// <summary>Longest timeout: a year, in seconds.</summary>
    public const double TimeoutSMax = 365 * 24 * 3600;

    /// <summary>The parts of this one, and of the other where this one says nothing.</summary>
    public TaskTypeProfile Or(TaskTypeProfile? other) => other is null ? this : new()
    {
        Priority = Priority ?? other.Priority,
        TimeoutS = TimeoutS ?? other.TimeoutS,
        Requirements = Requirements ?? other.Requirements,
        Retry = Retry is null ? other.Retry : Retry.Or(other.Retry),
    };

    /// <summary>The task with what it leaves open filled in. Idempotent: what is filled in is not open any more.</summary>
    /// <param name="task">A submission.</param>
    /// <param name="now">When it was submitted.</param>
    public SubmitTask Complete(SubmitTask task, DateTimeOffset now) => task with
    {
        Priority = task.Priority == 0 ? Priority ?? 0 : task.Priority,
        Deadline = task.Deadline
            ?? (TimeoutS is { } seconds && !CountsLater(task) ? WholeMilliseconds(now + TimeSpan.FromSeconds(seconds)) : null),
        TimeoutS = task.TimeoutS ?? (task.Deadline is null && CountsLater(task) ? TimeoutS : null),
        Requirements = task.Requirements ?? Requirements,
        Retry = task.Retry is null ? Retry : task.Retry.Or(Retry),
    };

    /// <summary>Everything that is wrong with it; the pointers begin with <paramref name="pointer"/>.</summary>
    public IEnumerable<FieldError> Check(string pointer)
    {
        if (Priority is < 1 or > 4) { yield return Wrong("/priority", "1 to 4; larger is more urgent"); }
        if (TimeoutS is { } seconds && !(seconds is >= 1 and <= TimeoutSMax)) { yield return Wrong("/timeout_s", $"1 to {TimeoutSMax:0} seconds"); }
        foreach (var error in TaskRules.Check(Requirements, Retry)) { yield return error with { Pointer = pointer + error.Pointer[1..] }; }

        FieldError Wrong(string member, string detail) => new(pointer + member, detail, ErrorKind.Validation.Code);
    }

    // A default must not end what has had no chance to begin.
    private static bool CountsLater(SubmitTask task) => task.TimeoutS is not null || task.NotBefore is not null || task.Dependencies.Count > 0;

    // The wire carries milliseconds: what is answered now and what is read back later are the same.
    private static DateTimeOffset WholeMilliseconds(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond));
}
