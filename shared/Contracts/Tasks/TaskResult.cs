using System.Text.Json;
using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary><c>task.result</c> (task guide, "Result Delivery"): how an attempt ended.</summary>
[MessageUrn("a2a:task.result", useDefaultPrefix: false), EntityName("task.result")]
public sealed record TaskResult
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt that ended.</summary>
    public required int Attempt { get; init; }

    /// <summary><c>completed</c> or <c>failed</c>.</summary>
    public required TaskState Status { get; init; }

    /// <summary>What the work produced; at most 1 MiB.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why it failed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>Who did it.</summary>
    public required string ExecutorAgentId { get; init; }

    /// <summary>When the agent was done.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>Free figures about the execution: duration, input size, ...</summary>
    public JsonElement? ExecutionMetadata { get; init; }
}

/// <summary>Why a task, or one attempt of it, did not succeed.</summary>
public sealed record TaskError
{
    /// <summary>A code of the error catalogue, or the handler's own upper-case word.</summary>
    public required string Code { get; init; }

    /// <summary>For a person; at most 2 kB.</summary>
    public required string Message { get; init; }

    /// <summary>Whether another attempt may help.</summary>
    public bool Retryable { get; init; }

    /// <summary>What led to it: one line per agent that rejected, per attempt that failed.</summary>
    public IReadOnlyList<string>? Details { get; init; }
}
