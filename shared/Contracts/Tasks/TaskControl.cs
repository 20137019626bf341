using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary><c>task.control.pause</c> (protocol guide, "Control Messages"): to the Scheduler from outside, and from it to the agent.</summary>
[MessageUrn("a2a:task.control.pause", useDefaultPrefix: false), EntityName("task.control.pause")]
public sealed record PauseTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Only if the task has taken no step after this one; absent: however it stands.</summary>
    public long? IfSequence { get; init; }

    /// <summary>Why; at most 2 kB.</summary>
    public string? Reason { get; init; }

    /// <summary>What it holds at its agent stays reserved, and it goes on there; otherwise the room is given back and it goes on anywhere.</summary>
    public bool KeepResources { get; init; }

    /// <summary>The deadline moves on by the time that the pause lasts; otherwise the clock keeps running (R25).</summary>
    public bool ExtendDeadline { get; init; }

    /// <summary>Towards the agent: the attempt that is meant.</summary>
    public int? Attempt { get; init; }
}

/// <summary><c>task.control.resume</c> (protocol guide, "Control Messages"): to the Scheduler from outside, and from it to the agent.</summary>
[MessageUrn("a2a:task.control.resume", useDefaultPrefix: false), EntityName("task.control.resume")]
public sealed record ResumeTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Only if the task has taken no step after this one; absent: however it stands.</summary>
    public long? IfSequence { get; init; }

    /// <summary>Where to go on from, at most 64 KiB; absent: the last token (R13).</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Why; at most 2 kB.</summary>
    public string? Reason { get; init; }

    /// <summary>Towards the agent: the attempt that is meant.</summary>
    public int? Attempt { get; init; }
}

/// <summary><c>task.control.cancel</c> (protocol guide, "Control Messages"): to the Scheduler from outside, and from it to the agent.</summary>
[MessageUrn("a2a:task.control.cancel", useDefaultPrefix: false), EntityName("task.control.cancel")]
public sealed record CancelTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Only if the task has taken no step after this one; absent: however it stands.</summary>
    public long? IfSequence { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>False: its children go on without it; otherwise they are cancelled with it.</summary>
    public bool? Cascade { get; init; }

    /// <summary>Towards the agent: the attempt that is meant.</summary>
    public int? Attempt { get; init; }
}

/// <summary>
/// <c>task.control.ack</c>: the command was carried out, or is being carried out. Exactly one final word follows every command: this with
/// <c>applied</c>, or <see cref="ControlRejected"/>.
/// </summary>
[MessageUrn("a2a:task.control.ack", useDefaultPrefix: false), EntityName("task.control.ack")]
public sealed record ControlAcknowledged
{
    /// <summary>The command.</summary>
    public required string CommandId { get; init; }

    /// <summary><c>accepted</c> or <c>applied</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>From an agent: the attempt that it stopped.</summary>
    public int? Attempt { get; init; }

    /// <summary>From an agent: who it is.</summary>
    public string? AgentId { get; init; }

    /// <summary>From an agent that paused: where to go on from, at most 64 KiB.</summary>
    public string? ResumeToken { get; init; }

    /// <summary>The number of that checkpoint within the attempt, as in <see cref="TaskCheckpoint"/>.</summary>
    public int? Number { get; init; }

    /// <summary>What the command is: <c>pause</c>, <c>resume</c>, ...; from the Scheduler.</summary>
    public string? Command { get; init; }

    /// <summary>What is worth knowing about how it was carried out, such as <c>HARD_STOP</c>.</summary>
    public string? Code { get; init; }

    /// <summary>The task that the command made: <c>retry</c>, and <c>resume</c> of a failed task.</summary>
    public string? NewTaskId { get; init; }
}

/// <summary><c>task.control.reject</c>: the command changes nothing.</summary>
[MessageUrn("a2a:task.control.reject", useDefaultPrefix: false), EntityName("task.control.reject")]
public sealed record ControlRejected
{
    /// <summary>The command.</summary>
    public required string CommandId { get; init; }

    /// <summary>A code: <c>CONFLICT</c>, <c>TASK_NOT_CANCELABLE</c>, <c>NOT_FOUND</c>, <c>COM001</c>, ...</summary>
    public required string Reason { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The state that stands in the way, where there is one.</summary>
    public TaskState? State { get; init; }

    /// <summary>What the command is: <c>pause</c>, <c>resume</c>, ...</summary>
    public string? Command { get; init; }

    /// <summary>The reason as a sentence.</summary>
    public string? Detail { get; init; }
}
