using System.Text.Json;
using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// <c>task.member.moved</c>: a member tells its group that its agent has begun, or how it ended. The group knows its members by their ids;
/// the first end that it hears of each counts.
/// </summary>
[MessageUrn("a2a:task.member.moved", useDefaultPrefix: false), EntityName("task.member.moved")]
public sealed record MemberMoved
{
    /// <summary>The group.</summary>
    public required string TaskId { get; init; }

    /// <summary>The member.</summary>
    public required string MemberId { get; init; }

    /// <summary><c>running</c>, or a terminal state.</summary>
    public required TaskState State { get; init; }

    /// <summary>The result; only with <c>completed</c>.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Figures of the agent about the execution; only with a terminal state.</summary>
    public JsonElement? ExecutionMetadata { get; init; }

    /// <summary>Why it did not succeed; only with another terminal state.</summary>
    public TaskError? Error { get; init; }
}
