using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Why a task is not running yet. What stands in the line is said of one task, not in lists.</summary>
public sealed record WaitingView
{
    /// <summary>A reason code, such as <c>VALIDATING</c> or <c>RETRY_BACKOFF</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The same for a person.</summary>
    public required string Sentence { get; init; }

    /// <summary>What stands against it on how many agents; absent unless it waits for room.</summary>
    public string? Evidence { get; init; }

    /// <summary>Its place in the line, from 1; absent unless it waits for room.</summary>
    public int? Position { get; init; }

    /// <summary>How many wait; absent unless it waits for room.</summary>
    public int? LineLength { get; init; }

    /// <summary>When it will start; absent when history does not tell.</summary>
    public StartEstimate? EstimatedStart { get; init; }
}
