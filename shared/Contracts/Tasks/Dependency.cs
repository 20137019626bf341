using System.Text.Json.Serialization;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>Another task that must have come to something first; a bare string in JSON is its <see cref="TaskId"/> (R7).</summary>
[JsonConverter(typeof(DependencyConverter))]
public sealed record Dependency
{
    /// <summary>The task that is waited for; it may be submitted later than its dependant.</summary>
    public required string TaskId { get; init; }

    /// <summary>What it must have come to.</summary>
    public DependencyCondition Condition { get; init; } = DependencyCondition.Success;

    /// <summary>What becomes of the dependant when the condition can no longer hold.</summary>
    public UnsatisfiedPolicy OnUnsatisfied { get; init; } = UnsatisfiedPolicy.Fail;

    /// <summary>
    /// Parts of its result that become parameters of the dependant: JSON pointer into the result to JSON pointer into the parameters.
    /// A part that is not there counts as a condition that does not hold. At most 32.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Map { get; init; }
}

/// <summary>What a dependency must have come to (R7).</summary>
public enum DependencyCondition
{
    /// <summary>A word of a newer version of the protocol.</summary>
    Unknown = 0,

    /// <summary>It has completed.</summary>
    [Word("success", "completed")]
    Success,

    /// <summary>It has ended in any other way: failed, cancelled, rejected or expired.</summary>
    Failure,

    /// <summary>It has ended.</summary>
    [Word("completion", "finished", "any")]
    Completion,

    /// <summary>An agent has begun with it.</summary>
    Started,
}

/// <summary>What becomes of a task when a condition that it waits for can no longer hold (R7).</summary>
public enum UnsatisfiedPolicy
{
    /// <summary>A word of a newer version of the protocol.</summary>
    Unknown = 0,

    /// <summary>It ends as failed, at once.</summary>
    Fail,

    /// <summary>It ends as cancelled, at once.</summary>
    Skip,

    /// <summary>It starts all the same, without what the dependency would have handed over.</summary>
    Release,

    /// <summary>It stays blocked until somebody decides.</summary>
    Hold,
}

/// <summary>How a dependency stands, as the dependant knows it.</summary>
public enum DependencyOutcome
{
    /// <summary>A word of a newer version of the protocol.</summary>
    Unknown = 0,

    /// <summary>Nothing is decided yet.</summary>
    Waiting,

    /// <summary>The condition holds, for good.</summary>
    Satisfied,

    /// <summary>The condition can no longer hold.</summary>
    Unsatisfied,

    /// <summary>The condition can no longer hold, and the dependant starts all the same.</summary>
    Released,
}

/// <summary>One dependency of a task as readers see it.</summary>
public sealed record DependencyState
{
    /// <summary>The task that is waited for.</summary>
    public required string TaskId { get; init; }

    /// <summary>What it must come to.</summary>
    public DependencyCondition Condition { get; init; } = DependencyCondition.Success;

    /// <summary>What becomes of the dependant otherwise.</summary>
    public UnsatisfiedPolicy OnUnsatisfied { get; init; } = UnsatisfiedPolicy.Fail;

    /// <summary>What is passed on: pointer into the result to pointer into the parameters.</summary>
    [JsonConverter(typeof(PointerMapConverter<string>))]
    public IReadOnlyDictionary<string, string>? Map { get; init; }

    /// <summary>How it stands.</summary>
    public DependencyOutcome Outcome { get; init; } = DependencyOutcome.Waiting;

    /// <summary>The state that decided it; absent while nothing is decided, and when no task of this id appeared in time.</summary>
    public TaskState? State { get; init; }

    /// <summary>Why the condition cannot hold, for a person.</summary>
    public string? Detail { get; init; }

    /// <summary>A dependency of which nothing is known yet.</summary>
    public static DependencyState Of(Dependency dependency) => new()
    {
        TaskId = dependency.TaskId,
        Condition = dependency.Condition,
        OnUnsatisfied = dependency.OnUnsatisfied,
        Map = dependency.Map,
    };
}
