using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// <c>task.transitioned</c>: one step in the life of a task, numbered by the Scheduler. <see cref="Sequence"/> is dense from 1;
/// StateSync applies steps in that order and in no other.
/// </summary>
[MessageUrn("a2a:task.transitioned", useDefaultPrefix: false), EntityName("task.transitioned")]
public sealed record TaskTransitioned
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Number of this step, dense from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>The state after the step.</summary>
    public required TaskState State { get; init; }

    /// <summary>What is under way beside the state.</summary>
    public TaskPhase Phase { get; init; }

    /// <summary>The current attempt; 0 before the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>When the Scheduler decided.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why: a reason or error code; null when the state says it all.</summary>
    public string? Code { get; init; }

    /// <summary>Why, for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>The agent of the current attempt.</summary>
    public string? AgentId { get; init; }

    /// <summary>What is reserved for the current attempt; only with the step that got it.</summary>
    public IReadOnlyList<AllocatedResource>? Resources { get; init; }

    /// <summary>What was asked for; only with sequence 1.</summary>
    public SubmitTask? Task { get; init; }

    /// <summary>The result; only with <c>completed</c>.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Figures of the agent about the execution; only with a terminal state.</summary>
    public JsonElement? ExecutionMetadata { get; init; }

    /// <summary>Why it did not succeed; only with an unsuccessful terminal state or a retry.</summary>
    public TaskError? Error { get; init; }

    /// <summary>What a PATCH changed in what was asked for; only with the step that took it.</summary>
    public TaskAmendment? Amendment { get; init; }

    /// <summary>What the agent asks; only with <c>input_required</c>.</summary>
    public InputQuestion? Question { get; init; }

    /// <summary>The command that caused the step.</summary>
    public string? CommandId { get; init; }
    /// <summary>Dependencies about which this step brings something new; the others stay as they were.</summary>
    public IReadOnlyList<DependencyState>? Dependencies { get; init; }

    /// <summary>Of a group: members about which this step brings something new; the others stay as they were.</summary>
    public IReadOnlyList<MemberState>? Members { get; init; }

    /// <summary>Of a group, with the step that decides who the members are: how many of them must succeed.</summary>
    public int? Needed { get; init; }

    /// <summary>W3C trace id of the submission, 32 hex digits.</summary>
    public string? TraceId { get; init; }
}
