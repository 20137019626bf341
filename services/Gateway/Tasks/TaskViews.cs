using System.Diagnostics;
using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Security.Encryption;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>A task as callers see it.</summary>
public sealed record TaskView
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>What kind of work it is.</summary>
    public required string TaskType { get; init; }

    /// <summary>Where it is.</summary>
    public required TaskState State { get; init; }

    /// <summary>What is under way beside the state; absent when nothing is.</summary>
    public TaskPhase? Phase { get; init; }

    /// <summary>Version of this view, dense from 1; 0 while only the submission is known. Also the ETag.</summary>
    public required long Version { get; init; }

    /// <summary>True when the state could not be read and the task may be further than this says.</summary>
    public bool? Stale { get; init; }

    /// <summary>Why it is not running yet; absent while it runs and when it has ended.</summary>
    public WaitingView? Waiting { get; init; }

    /// <summary>1..4, larger is more urgent.</summary>
    public required int Priority { get; init; }

    /// <summary>low, medium, high or critical.</summary>
    public required string PriorityName { get; init; }

    /// <summary>0..1 of the current attempt.</summary>
    public required double Progress { get; init; }

    /// <summary>0..100, derived from progress and rounded down, so that 100 means done.</summary>
    public required int ProgressPercentage { get; init; }

    /// <summary>What the agent is doing.</summary>
    public string? ProgressMessage { get; init; }

    /// <summary>Free figures of the agent.</summary>
    public JsonElement? Metrics { get; init; }

    /// <summary>The current attempt; 0 before the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>The agent of the current attempt.</summary>
    public string? AgentId { get; init; }

    /// <summary>Why it is where it is: a reason or error code.</summary>
    public string? Code { get; init; }

    /// <summary>Why, for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When this version was made.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the current attempt was accepted by its agent.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Must be finished by then.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Seconds from when it may start to the deadline; the deadline is there from then on.</summary>
    public double? TimeoutS { get; init; }

    /// <summary>Whether it may miss its deadline, by the history of its type; absent when nothing can be said, and in lists.</summary>
    public bool? AtRisk { get; init; }

    /// <summary>What happens after a failed attempt; parts that are absent are the Scheduler's.</summary>
    public RetryRule? Retry { get; init; }
    /// <summary>It does not start before this.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>What it waits for, or waited for, and how each of these stands.</summary>
    public IReadOnlyList<DependencyState>? Dependencies { get; init; }

    /// <summary>How the agent is found.</summary>
    public required TaskMode Mode { get; init; }

    /// <summary>Who asked.</summary>
    public string? RequesterAgentId { get; init; }

    /// <summary>The only agent that may do it.</summary>
    public string? ResponderAgentId { get; init; }

    /// <summary>Of a task that several agents do: who does it, and how each of them stands.</summary>
    public GroupState? Group { get; init; }

    /// <summary>What it asked for.</summary>
    public Requirements? Requirements { get; init; }

    /// <summary>What labels its agent must have.</summary>
    public IReadOnlyList<LabelConstraint>? Constraints { get; init; }

    /// <summary>What labels its agent should have.</summary>
    public IReadOnlyList<LabelPreference>? Preferences { get; init; }

    /// <summary>Which of the agents that are equally preferred.</summary>
    public PlacementStrategy? Strategy { get; init; }

    /// <summary>What happens when no agent that is known could ever run it.</summary>
    public OnInfeasible? OnInfeasible { get; init; }

    /// <summary>Whether a more urgent task may have its room.</summary>
    public bool? Preemptible { get; init; }

    /// <summary>What is reserved for the current attempt.</summary>
    public IReadOnlyList<AllocatedResource>? Resources { get; init; }

    /// <summary>What was asked for; not in lists.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>Context of the submitter.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>The result, once it is completed; not in lists.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Figures of the agent about the execution.</summary>
    public JsonElement? ExecutionMetadata { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>What the agent asks, while the state is <c>input_required</c>; POST the answer to <c>/v1/tasks/{task_id}/input</c>.</summary>
    public InputQuestion? Question { get; init; }

    /// <summary>The task that this one is a part of.</summary>
    public string? ParentTaskId { get; init; }

    /// <summary>What becomes of it when its parent ends; absent: it goes on after <c>completed</c>, and is cancelled otherwise.</summary>
    public ParentEnd? OnParentEnd { get; init; }

    /// <summary>The task that this one does again.</summary>
    public string? ReplayOf { get; init; }

    /// <summary>Where to go on.</summary>
    public required TaskLinks Links { get; init; }

    /// <summary>W3C trace id of the submission.</summary>
    public string? TraceId { get; init; }
}

/// <summary>One page of tasks, the newest change first.</summary>
public sealed record TaskPageView : CursorPage
{
    /// <summary>The tasks, without parameters and results.</summary>
    public required IReadOnlyList<TaskView> Tasks { get; init; }
}

/// <summary>Documents as views. Pure.</summary>
public static class TaskViews
{
    private static readonly string[] PriorityNames = ["medium", "low", "medium", "high", "critical"];

    /// <summary>The view of a reading.</summary>
    public static TaskView Of(Reading reading) => Of(reading.Document) with { Stale = reading.Stale ? true : null };

    /// <summary>The view of a document.</summary>
    public static TaskView Of(TaskDocument document) => new()
    {
        TaskId = document.TaskId,
        TaskType = document.TaskType,
        State = document.State,
        Phase = document.Phase == TaskPhase.None ? null : document.Phase,
        Version = document.Version,
        Waiting = WaitingReason.Of(document),
        Priority = document.Priority,
        PriorityName = PriorityNames[Math.Clamp(document.Priority, 0, 4)],
        Progress = document.Progress,
        ProgressPercentage = (int)Math.Floor((Math.Clamp(document.Progress, 0, 1) * 100) + 1e-9),
        ProgressMessage = document.ProgressMessage,
        Metrics = document.Metrics,
        Attempt = document.Attempt,
        AgentId = document.AgentId,
        Code = document.Code,
        Reason = document.Reason,
        CreatedAt = document.CreatedAt,
        UpdatedAt = document.UpdatedAt,
        StartedAt = document.StartedAt,
        EndedAt = document.EndedAt,
        Deadline = document.Deadline,
        TimeoutS = document.TimeoutS,
        Retry = document.Retry,
        NotBefore = document.NotBefore,
        Dependencies = document.Dependencies,
        Mode = document.Mode,
        RequesterAgentId = document.RequesterAgentId,
        ResponderAgentId = document.ResponderAgentId,
        Group = document.Group,
        Requirements = document.Requirements,
        Constraints = document.Placement is { Constraints: { Count: > 0 } constraints } ? constraints : null,
        Preferences = document.Placement is { Preferences: { Count: > 0 } preferences } ? preferences : null,
        Strategy = document.Placement?.Strategy,
        OnInfeasible = document.Placement?.OnInfeasible,
        Preemptible = document.Placement?.Preemptible,
        Resources = document.Resources,
        Parameters = SealedFields.Redact(document.Parameters),
        Metadata = document.Metadata,
        Result = SealedFields.Redact(document.Result),
        ExecutionMetadata = document.ExecutionMetadata,
        Error = document.Error,
        Question = document.Question,
        ParentTaskId = document.ParentTaskId,
        OnParentEnd = document.OnParentEnd,
        ReplayOf = document.ReplayOf,
        Links = LinksOf(document.TaskId),
        TraceId = document.TraceId,
    };

    /// <summary>The result part of a document.</summary>
    public static TaskResultView ResultOf(TaskDocument document) => new()
    {
        TaskId = document.TaskId,
        State = document.State,
        Result = SealedFields.Redact(document.Result),
        Error = document.Error,
        Attempt = document.Attempt,
        ExecutorAgentId = document.AgentId,
        CompletedAt = document.EndedAt,
        ExecutionMetadata = document.ExecutionMetadata,
        Links = LinksOf(document.TaskId),
    };

    /// <summary>The receipt of an accepted submission; the same for every repeat.</summary>
    public static TaskReceipt ReceiptOf(SubmissionRow row, string traceId) => new()
    {
        TaskId = row.TaskId,
        State = TaskState.Submitted,
        Links = LinksOf(row.TaskId),
        CreatedAt = row.CreatedAt,
        TraceId = TraceIdOf(row.TraceParent) ?? traceId,
    };

    /// <summary>Addresses of a task; every character of a task id may stand in a path as it is.</summary>
    public static TaskLinks LinksOf(string taskId) => new()
    {
        Self = "/v1/tasks/" + taskId,
        Events = $"/v1/tasks/{taskId}/events",
        Result = $"/v1/tasks/{taskId}/result",
        Cancel = $"/v1/tasks/{taskId}/cancel",
        Pause = $"/v1/tasks/{taskId}/pause",
        Resume = $"/v1/tasks/{taskId}/resume",
        Commands = $"/v1/tasks/{taskId}/commands",
        Partials = $"/v1/tasks/{taskId}/partials",
        Tree = $"/v1/tasks/{taskId}/tree",
    };

    /// <summary>The trace id inside a W3C trace context; null when there is none.</summary>
    public static string? TraceIdOf(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, out var context) ? context.TraceId.ToHexString() : null;
}
