using A2A.Micro.Contracts.Tasks;
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

    /// <summary>The state of that version, so that whoever waits for an end need not read before it.</summary>
    public TaskState State { get; init; }

    /// <summary>
    /// The whole document as JSON text, when the task has ended with this version and it is small: whoever waited for the end need not read it.
    /// Text, so that only who wants it reads it, and whatever is in it hinders nobody else.
    /// </summary>
    public string? Document { get; init; }
}

/// <summary>
/// <c>state.changed.many</c>: notifications that were committed at the same time, in one message; none of them is published as
/// <c>state.changed</c> besides. Whoever wants all of them listens to both.
/// </summary>
[MessageUrn("a2a:state.changed.many", useDefaultPrefix: false), EntityName("state.changed.many")]
public sealed record StatesChanged
{
    /// <summary>In order for each task.</summary>
    public required IReadOnlyList<StateChanged> Changes { get; init; }
}
