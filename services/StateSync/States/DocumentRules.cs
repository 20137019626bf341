using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.States;

/// <summary>How a document becomes its next version. Pure; whether the message may change it was decided before.</summary>
public static class DocumentRules
{
    /// <summary><see cref="TaskChange.Kind"/> of a step of the Scheduler.</summary>
    public const string Transition = "transition";

    /// <summary><see cref="TaskChange.Kind"/> of a status.</summary>
    public const string Progress = "progress";

    /// <summary><see cref="TaskChange.Kind"/> of a partial result.</summary>
    public const string Partial = "partial";

    /// <summary><see cref="TaskChange.Kind"/> of a version that brings a document back to its history.</summary>
    public const string Repair = "repair";

    /// <summary>Version 1, from the submission that sequence 1 carries.</summary>
    public static TaskDocument Create(TaskTransitioned first, SubmitTask submitted, DateTimeOffset now)
    {
        var task = TaskRules.Normalise(submitted, submitted.CreatedAt ?? first.At);
        var blank = new TaskDocument
        {
            TaskId = first.TaskId,
            TaskType = task.TaskType,
            State = first.State,
            Version = 0,
            Sequence = 0,
            Priority = task.Priority,
            CreatedAt = task.CreatedAt ?? first.At,
            UpdatedAt = now,
            Deadline = task.Deadline,
            TimeoutS = task.TimeoutS,
            NotBefore = task.NotBefore,
            Dependencies = task.Dependencies.Count > 0 ? [.. task.Dependencies.Select(DependencyState.Of)] : null,
            Attempt = first.Attempt,
            Requirements = task.Requirements,
            Placement = task.Placement(),
            Retry = task.Retry,
            Parameters = task.Parameters,
            Metadata = task.Metadata,
            RequesterAgentId = task.RequesterAgentId,
            ResponderAgentId = task.ResponderAgentId,
            Mode = task.Mode ?? TaskMode.Routed,
            Group = GroupState.Of(task),
            ParentTaskId = task.ParentTaskId,
            OnParentEnd = task.OnParentEnd,
            ReplayOf = task.ReplayOf,
        };
        return Advance(blank, first, now);
    }

    /// <summary>The next step of the Scheduler.</summary>
    public static TaskDocument Advance(TaskDocument document, TaskTransitioned step, DateTimeOffset now)
    {
        var before = Amend(step.Attempt == document.Attempt ? document : Restart(document, step.Attempt), step.Amendment);
        var completed = step.State == TaskState.Completed;
        // What was changed in what is asked for is no reason to be where it is: the one that is known stays.
        var keepsReason = step is { Amendment: not null, Code: null } && step.State == document.State;
        return before with
        {
            State = step.State,
            Phase = step.Phase,
            Version = before.Version + 1,
            Sequence = step.Sequence,
            UpdatedAt = Later(now, before.UpdatedAt),
            StartedAt = step.State == TaskState.Running ? before.StartedAt ?? step.At : before.StartedAt,
            EndedAt = step.State.IsTerminal() ? before.EndedAt ?? step.At : null,
            AgentId = step.AgentId ?? before.AgentId,
            Progress = completed ? 1 : before.Progress,
            Code = keepsReason ? before.Code : step.Code,
            Reason = keepsReason ? before.Reason : step.Reason,
            // Shown as long as they are held: by an offer, and by the work that follows it.
            Resources = step.State is TaskState.Offered or TaskState.Running or TaskState.Paused or TaskState.InputRequired
                ? step.Resources ?? before.Resources
                : null,
            Result = step.Result ?? before.Result,
            ExecutionMetadata = step.ExecutionMetadata ?? before.ExecutionMetadata,
            // The error of the last attempt stays visible until another one succeeds.
            Error = step.Error ?? (completed ? null : before.Error),
            Question = step.State == TaskState.InputRequired ? step.Question ?? before.Question : null,
            TraceId = step.TraceId ?? before.TraceId,
            Dependencies = Settle(before.Dependencies, step.Dependencies),
            Group = step.Members is { } news ? before.Group?.With(news, step.Needed) : before.Group,
        };
    }

    // Parameters come along with changed metadata, because both are stored as one.
    private static TaskDocument Amend(TaskDocument document, TaskAmendment? amendment) => amendment is null ? document : document with
    {
        Priority = amendment.Priority ?? document.Priority,
        Deadline = amendment.NoDeadline ? null : amendment.Deadline ?? document.Deadline,
        Requirements = amendment.Requirements ?? document.Requirements,
        Metadata = amendment.Metadata ?? document.Metadata,
        Parameters = amendment.Metadata is null ? document.Parameters : amendment.Parameters,
    };

    /// <summary>Progress of the current attempt.</summary>
    public static TaskDocument Report(TaskDocument document, TaskStatusUpdate status, DateTimeOffset now) =>
        document with
        {
            Version = document.Version + 1,
            UpdatedAt = Later(now, document.UpdatedAt),
            Progress = status.Progress,
            ProgressMessage = status.ProgressMessage ?? document.ProgressMessage,
            Metrics = status.Metrics ?? document.Metrics,
        };

    /// <summary>A partial result of the current attempt; its data lies in the history only.</summary>
    public static TaskDocument Report(TaskDocument document, TaskPartial partial, DateTimeOffset now) => document with
    {
        Version = document.Version + 1,
        UpdatedAt = Later(now, document.UpdatedAt),
        Progress = Math.Max(document.Progress, partial.CompletedPortion),
    };

    /// <summary>The history row of the version that a document has now.</summary>
    public static TaskChange Describe(TaskDocument document, string kind) => new()
    {
        TaskId = document.TaskId,
        Version = document.Version,
        Kind = kind,
        At = document.UpdatedAt,
        State = document.State,
        Phase = document.Phase,
        Attempt = document.Attempt,
        AgentId = document.AgentId,
        Progress = document.Progress,
        ProgressMessage = document.ProgressMessage,
        Code = document.Code,
        Reason = document.Reason,
    };

    /// <summary>The history row of the version that a partial result made.</summary>
    public static TaskChange Describe(TaskDocument document, TaskPartial partial) => Describe(document, Partial) with
    {
        Data = partial.IntermediateData,
        CompletedPortion = partial.CompletedPortion,
        PartialNumber = partial.Number,
        ResumeToken = partial.CanResume ? partial.ResumeToken : null,
    };

    /// <summary>Without what may be large: how a document stands in a list, and what a store rewrites with every version.</summary>
    public static TaskDocument Head(TaskDocument document) => document with
    {
        Parameters = null,
        Metadata = null,
        Result = null,
        ExecutionMetadata = null,
    };

    private static IReadOnlyList<DependencyState>? Settle(
        IReadOnlyList<DependencyState>? known, IReadOnlyList<DependencyState>? news) =>
        known is null || news is null
            ? known
            : [.. known.Select(one => news.FirstOrDefault(other => other.TaskId == one.TaskId) ?? one)];

    // What an attempt says about itself ends with it.
    private static TaskDocument Restart(TaskDocument document, int attempt) => document with
    {
        Attempt = attempt,
        AgentId = null,
        StartedAt = null,
        Progress = 0,
        ProgressMessage = null,
        Metrics = null,
        Resources = null,
    };

    // The clocks of two instances differ; the time of a document never goes back.
    private static DateTimeOffset Later(DateTimeOffset now, DateTimeOffset before) => now > before ? now : before;
}
