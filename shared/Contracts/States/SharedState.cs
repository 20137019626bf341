using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using MassTransit;

namespace A2A.Micro.Contracts.States;

/// <summary>
/// <c>state.update</c> (protocol guide, "State Synchronization"): a value that agents share under the name of a task shall become another one. With
/// <see cref="ExpectedVersion"/> only if nobody changed it meanwhile. Recognised by <see cref="UpdateId"/>: the same update again is answered as it was.
/// </summary>
[MessageUrn("a2a:state.update", useDefaultPrefix: false), EntityName("state.update")]
public sealed record UpdateState
{
    /// <summary>The task that it belongs to; it need not be known yet.</summary>
    public required string TaskId { get; init; }

    /// <summary>Which value of the task, 1..64 of <c>[A-Za-z0-9._-]</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Names this change.</summary>
    public required Guid UpdateId { get; init; }

    /// <summary>The version that the change was made on; 0: there is none yet; absent: whatever there is.</summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>The new value, at most 64 KiB; absent: none any more. The version goes on all the same.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>The agent that changes it; absent: somebody else does.</summary>
    public string? AgentId { get; init; }

    /// <summary>
    /// The task that the agent works on, by which it may touch values of tasks of the same tenant; absent: it is <see cref="TaskId"/>. Whether it does is
    /// looked up.
    /// </summary>
    public string? WorkingOn { get; init; }
}

/// <summary><c>state.updated</c>: what became of an update; published besides when the value has changed.</summary>
[MessageUrn("a2a:state.updated", useDefaultPrefix: false), EntityName("state.updated")]
public sealed record StateUpdated
{
    /// <summary>Whether the update was made. If not, the rest says what there is.</summary>
    public required bool Applied { get; init; }

    /// <summary>The version that the update made, or that stands against it; with its value.</summary>
    public required SharedState State { get; init; }

    /// <summary>Why the update can never be made; absent: another version stood against it, or it was made.</summary>
    public TaskError? Error { get; init; }
}

/// <summary><c>state.read</c>: what agents share under the name of a task.</summary>
[MessageUrn("a2a:state.read", useDefaultPrefix: false), EntityName("state.read")]
public sealed record ReadState
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Which value; absent: all of them.</summary>
    public string? Name { get; init; }

    /// <summary>The agent that asks; absent: somebody else does.</summary>
    public string? AgentId { get; init; }

    /// <summary>The task that the agent works on, as in <see cref="UpdateState.WorkingOn"/>.</summary>
    public string? WorkingOn { get; init; }
}

/// <summary><c>state.read.answer</c>: the values that there are.</summary>
[MessageUrn("a2a:state.read.answer", useDefaultPrefix: false), EntityName("state.read.answer")]
public sealed record StateRead
{
    /// <summary>By name; none that was taken away.</summary>
    public required IReadOnlyList<SharedState> States { get; init; }

    /// <summary>Why they are not told; absent: they are.</summary>
    public TaskError? Error { get; init; }
}

/// <summary>A value that agents share, as it is.</summary>
public sealed record SharedState
{
    /// <summary>Longest value as JSON, in bytes.</summary>
    public const int ValueBytesMax = 64 * 1024;

    /// <summary>Most names of one task.</summary>
    public const int NamesMax = 64;

    /// <summary>The task that it belongs to.</summary>
    public required string TaskId { get; init; }

    /// <summary>Which value of the task.</summary>
    public required string Name { get; init; }

    /// <summary>Dense from 1; 0: there never was one.</summary>
    public required long Version { get; init; }

    /// <summary>The value; absent when there is none.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>Who changed it last.</summary>
    public string? AgentId { get; init; }

    /// <summary>When; absent when nobody did.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}
