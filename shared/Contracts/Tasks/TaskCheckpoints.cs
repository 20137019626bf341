using System.Text.Json;
using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// <c>task.checkpoint</c>: where another attempt may go on from. The Scheduler's copy of what <see cref="TaskPartial"/> says to StateSync; only
/// partial results with a token have one.
/// </summary>
[MessageUrn("a2a:task.checkpoint", useDefaultPrefix: false), EntityName("task.checkpoint")]
public sealed record TaskCheckpoint
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Who works.</summary>
    public required string AgentId { get; init; }

    /// <summary>Number of the checkpoint within the attempt, from 1: a later one replaces an earlier one, never the other way round.</summary>
    public required int Number { get; init; }

    /// <summary>Opaque, at most 64 KiB (R13).</summary>
    public required string ResumeToken { get; init; }
}

/// <summary><c>task.input_required</c>: the agent cannot go on without an answer of the submitter. It keeps its slot while it waits.</summary>
[MessageUrn("a2a:task.input_required", useDefaultPrefix: false), EntityName("task.input_required")]
public sealed record RequireInput
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Who asks.</summary>
    public required string AgentId { get; init; }

    /// <summary>What is asked.</summary>
    public required InputQuestion Question { get; init; }
}

/// <summary>A question of an agent to the submitter of the task.</summary>
public sealed record InputQuestion
{
    /// <summary>Names the question within the task, 1..64 characters of <c>[A-Za-z0-9._-]</c>: its answer serves every later attempt.</summary>
    public required string Key { get; init; }

    /// <summary>For a person; at most 2 kB.</summary>
    public required string Question { get; init; }

    /// <summary><c>text</c>, <c>choice</c>, <c>form</c>, <c>auth</c> or another word: what kind of answer is wanted.</summary>
    public string InputKind { get; init; } = "text";

    /// <summary>JSON Schema of the answer, at most 64 KiB.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>The answer is a secret: it is sealed before it is stored, and opened by the agent that asked.</summary>
    public bool? Sensitive { get; init; }

    /// <summary>When it was asked.</summary>
    public DateTimeOffset? AskedAt { get; init; }
}
