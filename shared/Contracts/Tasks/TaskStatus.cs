using System.Text.Json;
using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary><c>task.status</c> (protocol guide, "Task Messages"): how far a running attempt is. From the agent to StateSync, not through the saga.</summary>
[MessageUrn("a2a:task.status", useDefaultPrefix: false), EntityName("task.status")]
public sealed record TaskStatusUpdate
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>What the agent believes; only <c>running</c> changes anything (R22).</summary>
    public required TaskState Status { get; init; }

    /// <summary>0..1, never goes back within an attempt (R5, G14).</summary>
    public required double Progress { get; init; }

    /// <summary>Free figures of the agent.</summary>
    public JsonElement? Metrics { get; init; }

    /// <summary>When the agent said so.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The attempt; absent only in messages of agents that predate it, which are refused.</summary>
    public int? Attempt { get; init; }

    /// <summary>Who works.</summary>
    public string? ExecutorAgentId { get; init; }

    /// <summary>What the agent is doing, for a person; at most 2 kB.</summary>
    public string? ProgressMessage { get; init; }
}

/// <summary><c>task.partial</c> (task guide, "Partial Results"): a part of the result, and where to go on from.</summary>
[MessageUrn("a2a:task.partial", useDefaultPrefix: false), EntityName("task.partial")]
public sealed record TaskPartial
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Who works.</summary>
    public required string ExecutorAgentId { get; init; }

    /// <summary>0..1.</summary>
    public required double CompletedPortion { get; init; }

    /// <summary>What there is so far.</summary>
    public JsonElement? IntermediateData { get; init; }

    /// <summary>Whether <see cref="ResumeToken"/> lets another attempt go on.</summary>
    public bool CanResume { get; init; }

    /// <summary>Opaque, at most 64 KiB (R13).</summary>
    public string? ResumeToken { get; init; }

    /// <summary>
    /// Number of the partial result within the attempt, from 1: one that another has overtaken on the way is known by it from one that comes twice.
    /// Absent in messages of agents that predate it; those count in the order of <see cref="CompletedPortion"/> and <see cref="Timestamp"/>.
    /// </summary>
    public int? Number { get; init; }

    /// <summary>When the agent said so.</summary>
    public required DateTimeOffset Timestamp { get; init; }
}
