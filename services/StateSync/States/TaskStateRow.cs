namespace A2A.Micro.StateSync.States;

/// <summary>A task's document as it is stored: what lists filter and sort by as columns, the rest as text.</summary>
public sealed class TaskStateRow
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>What kind of work it is.</summary>
    public required string TaskType { get; init; }

    /// <summary>The wire word of the state.</summary>
    public required string State { get; init; }

    /// <summary>The wire word of the phase; empty when nothing is under way.</summary>
    public required string Phase { get; init; }

    /// <summary>Dense from 1.</summary>
    public long Version { get; init; }

    /// <summary>The Scheduler's last step that is in it.</summary>
    public long Sequence { get; init; }

    /// <summary>The current attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>Its agent.</summary>
    public string? AgentId { get; init; }

    /// <summary>1..4.</summary>
    public int Priority { get; init; }

    /// <summary>Who asked.</summary>
    public string? RequesterAgentId { get; init; }

    /// <summary>The task that it is a part of.</summary>
    public string? ParentTaskId { get; init; }

    /// <summary>0..1.</summary>
    public double Progress { get; init; }

    /// <summary>When it was submitted.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the version was made; whole milliseconds.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it became terminal.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Portion of the last partial result of the current attempt.</summary>
    public double? PartialPortion { get; init; }

    /// <summary>Its time at the agent, in milliseconds since 1970.</summary>
    public long? PartialAtMs { get; init; }

    /// <summary>Its number within the attempt; 0: it had none.</summary>
    public int? PartialNumber { get; init; }

    /// <summary>Which of those before it are there, as in <see cref="PartialMark.Before"/>.</summary>
    public long? PartialBefore { get; init; }

    /// <summary>The document without what may be large, as JSON.</summary>
    public required string Document { get; init; }

    /// <summary>Parameters and metadata, as JSON.</summary>
    public string? Input { get; init; }

    /// <summary>Result and execution metadata, as JSON.</summary>
    public string? Output { get; init; }
}

/// <summary>One version of a document as it is stored.</summary>
public sealed class StateChangeRow
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Dense from 1.</summary>
    public long Version { get; init; }

    /// <summary>The Scheduler's step that made it; null for a report of an agent.</summary>
    public long? Sequence { get; init; }

    /// <summary>When it was committed; whole milliseconds.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The change, as JSON.</summary>
    public required string Change { get; init; }
}

/// <summary>A message that came before its time.</summary>
public sealed class HeldRow
{
    /// <summary><see cref="Kind"/> of a transition; <see cref="Number"/> is its sequence.</summary>
    public const string Transition = "transition";

    /// <summary><see cref="Kind"/> of a status; there is one per task, <see cref="Number"/> is 0.</summary>
    public const string Status = "status";

    /// <summary><see cref="Kind"/> of a partial result; <see cref="Number"/> is its key in <see cref="EarlyPartials"/>.</summary>
    public const string Partial = "partial";

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>What it is.</summary>
    public required string Kind { get; init; }

    /// <summary>Tells those of one kind and task apart.</summary>
    public long Number { get; init; }

    /// <summary>Since when it waits.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The message, as JSON.</summary>
    public required string Body { get; init; }
}
