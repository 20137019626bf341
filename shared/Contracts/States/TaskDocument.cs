using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Contracts.States;

/// <summary>The public truth about one task: what every reader of the system sees. Owned by StateSync.</summary>
public sealed record TaskDocument
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>What kind of work it is.</summary>
    public required string TaskType { get; init; }

    /// <summary>Where it is.</summary>
    public required TaskState State { get; init; }

    /// <summary>What is under way beside the state.</summary>
    public TaskPhase Phase { get; init; }

    /// <summary>Version of this document, dense from 1; every change makes the next one.</summary>
    public required long Version { get; init; }

    /// <summary>The Scheduler's last step that is in it.</summary>
    public required long Sequence { get; init; }

    /// <summary>1..4, larger is more urgent.</summary>
    public required int Priority { get; init; }

    /// <summary>When it was submitted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When this version was made.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the current attempt was accepted by its agent.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it became terminal.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Must be finished by then.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Seconds from when it may start to the deadline; the deadline is there once it has started to count.</summary>
    public double? TimeoutS { get; init; }

    /// <summary>It does not start before this.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>What it waits for, or waited for, in the order of the submission; null when there is nothing of the kind.</summary>
    public IReadOnlyList<DependencyState>? Dependencies { get; init; }

    /// <summary>The current attempt; 0 before the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>The agent of the current attempt.</summary>
    public string? AgentId { get; init; }

    /// <summary>0..1 of the current attempt.</summary>
    public double Progress { get; init; }

    /// <summary>What the agent is doing.</summary>
    public string? ProgressMessage { get; init; }

    /// <summary>Free figures of the agent.</summary>
    public JsonElement? Metrics { get; init; }

    /// <summary>Why it is where it is: a reason or error code.</summary>
    public string? Code { get; init; }

    /// <summary>Why, for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>What is reserved for the current attempt.</summary>
    public IReadOnlyList<AllocatedResource>? Resources { get; init; }

    /// <summary>What it asked for.</summary>
    public Requirements? Requirements { get; init; }

    /// <summary>Where it may and should run; null: anywhere.</summary>
    public PlacementRule? Placement { get; init; }

    /// <summary>What happens after a failed attempt; parts that are absent are the Scheduler's.</summary>
    public RetryRule? Retry { get; init; }

    /// <summary>What was asked for.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>Context of the submitter.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Who asked.</summary>
    public string? RequesterAgentId { get; init; }

    /// <summary>The only agent that may do it.</summary>
    public string? ResponderAgentId { get; init; }

    /// <summary>How the agent is found.</summary>
    public TaskMode Mode { get; init; }

    /// <summary>Who does it and how each of them stands, of a task that several agents do; null: one agent does it.</summary>
    public GroupState? Group { get; init; }

    /// <summary>The result, once it is completed.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Figures of the agent about the execution.</summary>
    public JsonElement? ExecutionMetadata { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>What the agent asks, while the state is <c>input_required</c>.</summary>
    public InputQuestion? Question { get; init; }

    /// <summary>The task that this one is a part of.</summary>
    public string? ParentTaskId { get; init; }

    /// <summary>What becomes of it when its parent ends; absent: the default.</summary>
    public ParentEnd? OnParentEnd { get; init; }

    /// <summary>The task that this one does again.</summary>
    public string? ReplayOf { get; init; }

    /// <summary>W3C trace id of the submission.</summary>
    public string? TraceId { get; init; }

    /// <summary>The same with every id of a task that stands in it written in another way.</summary>
    public TaskDocument WithIds(Func<string, string> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return this with
        {
            TaskId = write(TaskId),
            ParentTaskId = ParentTaskId is null ? null : write(ParentTaskId),
            ReplayOf = ReplayOf is null ? null : write(ReplayOf),
            Dependencies = Dependencies is null ? null : [.. Dependencies.Select(one => one with { TaskId = write(one.TaskId) })],
            Group = Group is null ? null : Group with { Members = [.. Group.Members.Select(one => one with { TaskId = write(one.TaskId) })] },
        };
    }
}

/// <summary>One version of a document: what changed and what the document was then.</summary>
public sealed record TaskChange
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Dense from 1.</summary>
    public required long Version { get; init; }

    /// <summary><c>transition</c>, <c>progress</c>, <c>partial</c>, or <c>repair</c>: the document differed from its history.</summary>
    public required string Kind { get; init; }

    /// <summary>When it was committed.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>State after the change.</summary>
    public required TaskState State { get; init; }

    /// <summary>Phase after the change.</summary>
    public TaskPhase Phase { get; init; }

    /// <summary>Attempt after the change.</summary>
    public required int Attempt { get; init; }

    /// <summary>Agent after the change.</summary>
    public string? AgentId { get; init; }

    /// <summary>Progress after the change.</summary>
    public double Progress { get; init; }

    /// <summary>What the agent is doing.</summary>
    public string? ProgressMessage { get; init; }

    /// <summary>Why.</summary>
    public string? Code { get; init; }

    /// <summary>Why, for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>With a partial result: what there is so far.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>With a partial result: how much of the whole it is, 0..1.</summary>
    public double? CompletedPortion { get; init; }

    /// <summary>With a partial result: its number within the attempt, from 1; absent: its agent gives none.</summary>
    public int? PartialNumber { get; init; }

    /// <summary>With a partial result: where another attempt may go on from; absent: nowhere.</summary>
    public string? ResumeToken { get; init; }

    /// <summary>The command that caused the change.</summary>
    public string? CommandId { get; init; }
}
