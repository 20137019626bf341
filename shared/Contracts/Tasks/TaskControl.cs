using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary><c>task.control.pause</c> (protocol guide, "Control Messages").</summary>
[MessageUrn("a2a:task.control.pause", useDefaultPrefix: false), EntityName("task.control.pause")]
public sealed record PauseTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary><c>task.control.resume</c> (protocol guide, "Control Messages").</summary>
[MessageUrn("a2a:task.control.resume", useDefaultPrefix: false), EntityName("task.control.resume")]
public sealed record ResumeTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Where to go on from; absent: the last token (R13).</summary>
    public string? Checkpoint { get; init; }
}

/// <summary><c>task.control.cancel</c> (protocol guide, "Control Messages"): to the Scheduler from outside, and from it to the agent.</summary>
[MessageUrn("a2a:task.control.cancel", useDefaultPrefix: false), EntityName("task.control.cancel")]
public sealed record CancelTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Names this command; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Towards the agent: the attempt that is meant.</summary>
    public int? Attempt { get; init; }
}

/// <summary><c>task.control.ack</c>: the command was carried out, or is being carried out.</summary>
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
}

/// <summary><c>task.control.reject</c>: the command changes nothing.</summary>
[MessageUrn("a2a:task.control.reject", useDefaultPrefix: false), EntityName("task.control.reject")]
public sealed record ControlRejected
{
    /// <summary>The command.</summary>
    public required string CommandId { get; init; }

    /// <summary>A code: <c>TASK_NOT_CANCELABLE</c>, <c>NOT_FOUND</c>, <c>UNSUPPORTED_REQUEST</c>, ...</summary>
    public required string Reason { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The state that stands in the way, where there is one.</summary>
    public TaskState? State { get; init; }
}
