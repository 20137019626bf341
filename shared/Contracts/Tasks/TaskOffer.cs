using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary><c>task.offer</c>: the Scheduler asks one agent to take one attempt. Answered at once, never held while the work runs.</summary>
[MessageUrn("a2a:task.offer", useDefaultPrefix: false), EntityName("task.offer")]
public sealed record OfferTask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Fencing token: everything the agent says about this task carries it (G5).</summary>
    public required int Attempt { get; init; }

    /// <summary>The agent that is asked.</summary>
    public required string AgentId { get; init; }

    /// <summary>Which handler is meant.</summary>
    public required string TaskType { get; init; }

    /// <summary>What to work on.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>The key of the secrets among them, sealed for this agent and this attempt; absent: there are none.</summary>
    public TaskSeal? Seal { get; init; }

    /// <summary>Context of the submitter.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>1..4, larger is more urgent.</summary>
    public int Priority { get; init; }

    /// <summary>The work must be finished by then.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What the agent may use; reserved for this attempt.</summary>
    public Requirements? Requirements { get; init; }

    /// <summary>The devices that are reserved for this attempt and for no other, as the agent announced them.</summary>
    public IReadOnlyList<string>? GpuIds { get; init; }

    /// <summary>Who asked for the work.</summary>
    public string? RequesterAgentId { get; init; }

    /// <summary>Where the work goes on from: what the last attempt that saved a checkpoint left; absent: from the start (R13).</summary>
    public string? ResumeToken { get; init; }

    /// <summary>Input that earlier attempts asked for and got: an object with one member per key.</summary>
    public JsonElement? Inputs { get; init; }

    /// <summary>
    /// What the agent shows beside its own credential when it acts for this task over HTTP (header <c>A2A-Task-Grant</c>); absent: this installation has
    /// no master key to make one with. Good as long as the attempt.
    /// </summary>
    public string? Grant { get; init; }

    /// <summary>An answer after this is too late: the task is already on its way elsewhere.</summary>
    public required DateTimeOffset OfferedUntil { get; init; }
}

/// <summary><c>task.accepted</c>: the agent has started; from here its lease keeps the attempt alive.</summary>
[MessageUrn("a2a:task.accepted", useDefaultPrefix: false), EntityName("task.accepted")]
public sealed record TaskAccepted
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt that was offered.</summary>
    public required int Attempt { get; init; }

    /// <summary>Who accepts.</summary>
    public required string AgentId { get; init; }
}

/// <summary><c>task.rejected</c>: the agent does not take this attempt (task guide, "Task Rejection").</summary>
[MessageUrn("a2a:task.rejected", useDefaultPrefix: false), EntityName("task.rejected")]
public sealed record TaskRejected
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt that was offered.</summary>
    public required int Attempt { get; init; }

    /// <summary>Who rejects.</summary>
    public required string AgentId { get; init; }

    /// <summary>Why, as one of the task guide's five codes.</summary>
    public required RejectionReason Code { get; init; }

    /// <summary>Why, for a person; at most 2 kB.</summary>
    public string? Reason { get; init; }
}

/// <summary><c>task.withdrawn</c>: the attempt is no longer the agent's; it stops without reporting.</summary>
[MessageUrn("a2a:task.withdrawn", useDefaultPrefix: false), EntityName("task.withdrawn")]
public sealed record TaskWithdrawn
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt that is withdrawn.</summary>
    public required int Attempt { get; init; }

    /// <summary>Why: a <see cref="RefusalReason"/> word or <c>expired</c>.</summary>
    public required string Reason { get; init; }
}
