using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Groups;

/// <summary>One agent's part in a group, as the group knows it.</summary>
public sealed record GroupMember
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>The task that it was given.</summary>
    public required string TaskId { get; init; }

    /// <summary><c>submitted</c>, <c>running</c> or how it ended.</summary>
    public TaskState State { get; init; } = TaskState.Submitted;

    /// <summary>Its result, as long as it is wanted and not too large.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why there is no result although it completed.</summary>
    public string? Omitted { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>Whether the group has heard of its end.</summary>
    public bool HasEnded => State.IsTerminal();

    /// <summary>As readers see it.</summary>
    public MemberState View() => new() { AgentId = AgentId, TaskId = TaskId, State = State, Code = Error?.Code, Reason = Error?.Message };
}
