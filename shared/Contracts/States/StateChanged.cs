using MassTransit;

namespace A2A.Micro.Contracts.States;

/// <summary>
/// <c>state.changed</c> (protocol guide, "State Synchronization"): the public document of a task has a new version. A hint: readers fetch
/// the document or its history by version. One logical notification per (task_id, version).
/// </summary>
[MessageUrn("a2a:state.changed", useDefaultPrefix: false), EntityName("state.changed")]
public sealed record StateChanged
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Dense from 1.</summary>
    public required long Version { get; init; }

    /// <summary>When the version was committed.</summary>
    public required DateTimeOffset Timestamp { get; init; }
}
