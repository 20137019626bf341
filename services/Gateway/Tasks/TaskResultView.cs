using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>How a task ended, or that it has not.</summary>
public sealed record TaskResultView
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Where it is.</summary>
    public required TaskState State { get; init; }

    /// <summary>What the work produced.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>The attempt that ended it.</summary>
    public required int Attempt { get; init; }

    /// <summary>Who did it.</summary>
    public string? ExecutorAgentId { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Figures of the agent about the execution.</summary>
    public JsonElement? ExecutionMetadata { get; init; }

    /// <summary>Where to go on.</summary>
    public required TaskLinks Links { get; init; }
}
