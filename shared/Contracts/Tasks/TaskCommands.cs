using System.Text.Json;
using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary><c>task.control.hold</c>: a task that waits goes on waiting until it is released, whatever it waited for.</summary>
[MessageUrn("a2a:task.control.hold", useDefaultPrefix: false), EntityName("task.control.hold")]
public sealed record HoldTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Only if the task has taken no step after this one; absent: however it stands.</summary>
    public long? IfSequence { get; init; }

    /// <summary>Why; at most 2 kB.</summary>
    public string? Reason { get; init; }
}

/// <summary><c>task.control.release</c>: ends a hold.</summary>
[MessageUrn("a2a:task.control.release", useDefaultPrefix: false), EntityName("task.control.release")]
public sealed record ReleaseTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Only if the task has taken no step after this one; absent: however it stands.</summary>
    public long? IfSequence { get; init; }

    /// <summary>Why; at most 2 kB.</summary>
    public string? Reason { get; init; }
}

/// <summary><c>task.control.requeue</c>: the current attempt is taken back and another one begins, elsewhere where there is an elsewhere.</summary>
[MessageUrn("a2a:task.control.requeue", useDefaultPrefix: false), EntityName("task.control.requeue")]
public sealed record RequeueTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Only if the task has taken no step after this one; absent: however it stands.</summary>
    public long? IfSequence { get; init; }

    /// <summary>Why; at most 2 kB.</summary>
    public string? Reason { get; init; }
}

/// <summary><c>task.control.retry</c>: what an ended task was asked to do is done again, by a new task with <c>replay_of</c>.</summary>
[MessageUrn("a2a:task.control.retry", useDefaultPrefix: false), EntityName("task.control.retry")]
public sealed record RetryTask
{
    /// <summary>The task that has ended.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command and makes no second task (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Only if the task has taken no step after this one; absent: however it stands.</summary>
    public long? IfSequence { get; init; }

    /// <summary>Why; at most 2 kB.</summary>
    public string? Reason { get; init; }
}

/// <summary><c>task.control.amend</c>: changes what was asked for, while the task waits. What is absent stays as it is.</summary>
[MessageUrn("a2a:task.control.amend", useDefaultPrefix: false), EntityName("task.control.amend")]
public sealed record AmendTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Why; at most 2 kB.</summary>
    public string? Reason { get; init; }

    /// <summary>The changes.</summary>
    public required TaskAmendment Amendment { get; init; }

    /// <summary>Only if the task has taken no step after this one; absent: however it stands.</summary>
    public long? IfSequence { get; init; }
}

/// <summary><c>task.control.input</c>: the answer to a question of the agent; to the Scheduler from outside, and from it to the agent.</summary>
[MessageUrn("a2a:task.control.input", useDefaultPrefix: false), EntityName("task.control.input")]
public sealed record ProvideInput
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Only if the task has taken no step after this one; absent: however it stands.</summary>
    public long? IfSequence { get; init; }

    /// <summary>The answer: any JSON, at most 64 KiB.</summary>
    public required JsonElement Input { get; init; }

    /// <summary>Which question it answers; absent: the one that is open. Always there towards the agent.</summary>
    public string? Key { get; init; }

    /// <summary>Towards the agent: the attempt that is meant.</summary>
    public int? Attempt { get; init; }

    /// <summary>Towards the agent, with an answer that is sealed: the key of the task's secrets, sealed for this agent and this attempt.</summary>
    public TaskSeal? Seal { get; init; }
}

/// <summary>What may be changed in a task that waits. What is absent stays as it is.</summary>
public sealed record TaskAmendment
{
    /// <summary>1 low .. 4 critical; larger is more urgent.</summary>
    public int? Priority { get; init; }

    /// <summary>Must be finished by then.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>There is no deadline any more.</summary>
    public bool NoDeadline { get; init; }

    /// <summary>What it needs while it runs; replaces the whole.</summary>
    public Requirements? Requirements { get; init; }

    /// <summary>Context of the submitter; replaces the whole, but for what the system has written.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>What to work on, unchanged; only towards StateSync, which stores it together with the metadata.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>Whether the room that is asked for, or the place in the line, changes with it.</summary>
    public bool ChangesPlace() => Priority is not null || Deadline is not null || NoDeadline || Requirements is not null;

    /// <summary>What is asked for with these changes.</summary>
    public SubmitTask ApplyTo(SubmitTask task) => task with
    {
        Priority = Priority ?? task.Priority,
        Deadline = NoDeadline ? null : Deadline ?? task.Deadline,
        TimeoutS = NoDeadline || Deadline is not null ? null : task.TimeoutS,
        Requirements = Requirements ?? task.Requirements,
        Metadata = Metadata is { } metadata ? MetadataRules.Replace(task.Metadata, metadata) : task.Metadata,
    };

    /// <summary>These changes, and later ones on top of them.</summary>
    public TaskAmendment Then(TaskAmendment later) => new()
    {
        Priority = later.Priority ?? Priority,
        Deadline = later.NoDeadline ? null : later.Deadline ?? Deadline,
        NoDeadline = later.NoDeadline || (NoDeadline && later.Deadline is null),
        Requirements = later.Requirements ?? Requirements,
        Metadata = later.Metadata ?? Metadata,
    };
}
