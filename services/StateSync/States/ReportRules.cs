using System.Text;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.States;

/// <summary>May a report of an agent change the document now? (G5, G14, R5, R22). Pure.</summary>
public static class ReportRules
{
    /// <summary>By how much the clock of an agent may be ahead of the Scheduler's for its last partial result to count as said before the end.</summary>
    public static readonly TimeSpan ClocksDifferMax = TimeSpan.FromSeconds(5);

    /// <summary>More partial results wait for the begin of their attempt than are kept.</summary>
    public static readonly Refusal TooManyEarly = new(RefusalKind.Crowded,
        $"{EarlyPartials.CountMax} partial results, or {EarlyPartials.BytesMax} bytes of them, wait for their attempt already");

    private const int TokenBytesMax = 64 * 1024;

    /// <summary>What is wrong with a transition by itself; null when nothing is.</summary>
    public static Refusal? Check(TaskTransitioned step) =>
        !TaskRules.IsTaskName(step.TaskId) ? Malformed("task_id is not a task id")
        : step.Sequence < 1 ? Malformed($"sequence {step.Sequence} is below 1")
        : step is { Sequence: 1, Task: null } ? Malformed("sequence 1 comes without the task")
        : null;

    /// <summary>What is wrong with a status by itself; null when nothing is.</summary>
    public static Refusal? Check(TaskStatusUpdate status) =>
        CheckNames(status.TaskId, status.Attempt, status.ExecutorAgentId)
        ?? CheckPortion("progress", status.Progress)
        ?? (status.Status == TaskState.Running ? null
            : new Refusal(RefusalKind.NotRunning, "status is not running; the Scheduler alone moves a state"));

    /// <summary>What is wrong with a partial result by itself; null when nothing is.</summary>
    public static Refusal? Check(TaskPartial partial) =>
        CheckNames(partial.TaskId, partial.Attempt, partial.ExecutorAgentId)
        ?? CheckPortion("completed_portion", partial.CompletedPortion)
        ?? (partial.Number is null or >= 1 ? null : Malformed($"number {partial.Number} is below 1"))
        ?? (Encoding.UTF8.GetByteCount(partial.ResumeToken ?? "") <= TokenBytesMax ? null : Malformed("resume_token is over 64 KiB"));

    /// <summary>Where an attempt stands: over, running, or not begun as far as is known here.</summary>
    public static Standing Stand(TaskDocument? document, int attempt, string? agentId) => document switch
    {
        null => Standing.Early,
        { State: var state } when state.IsTerminal() =>
            Standing.Over(RefusalKind.AlreadyTerminal, "the task has ended"),
        _ when attempt < document.Attempt =>
            Standing.Over(RefusalKind.StaleAttempt, $"attempt {attempt} is over, {document.Attempt} is current"),
        // Also before a resume: the agent's first word may overtake the Scheduler's.
        _ when attempt > document.Attempt || document.State != TaskState.Running => Standing.Early,
        _ when agentId != document.AgentId =>
            Standing.Over(RefusalKind.NotOwner, "another agent holds the attempt"),
        _ => Standing.Current,
    };

    /// <summary>
    /// Where a partial result stands: as any report; but the last word of an attempt that pauses, asks or ends may come after the step that says so,
    /// because that step goes another way. What was said after the end of the task is refused.
    /// </summary>
    public static Standing StandOf(TaskPartial partial, TaskDocument? document) =>
        document is not null && partial.Attempt == document.Attempt && partial.ExecutorAgentId == document.AgentId
        && (document.State is TaskState.Paused or TaskState.InputRequired
            || (document.State.IsTerminal() && partial.Timestamp <= document.EndedAt + ClocksDifferMax))
            ? Standing.Current
            : Stand(document, partial.Attempt, partial.ExecutorAgentId);

    /// <summary>Whether a status of the current attempt says something new.</summary>
    public static Refusal? Judge(TaskDocument document, TaskStatusUpdate status) =>
        status.Progress > document.Progress || IsFirstWord(document, status) ? null
        : status.Progress < document.Progress
            ? new Refusal(RefusalKind.ProgressBack, $"progress {status.Progress} is below {document.Progress}")
            : new Refusal(RefusalKind.Repeated, $"progress is {document.Progress} already");

    /// <summary>Whether a status that came too early is further than the one that waits.</summary>
    public static bool IsFurther(TaskStatusUpdate status, TaskStatusUpdate? waiting) =>
        waiting is null || (status.Attempt, status.Progress).CompareTo((waiting.Attempt, waiting.Progress)) > 0;

    // "0 %, reading the input" is the first of the five steps that a person wants to see (requirement 76).
    private static bool IsFirstWord(TaskDocument document, TaskStatusUpdate status) =>
        document is { Progress: 0, ProgressMessage: null, Metrics: null }
        && status is { Progress: 0 }
        && (status.ProgressMessage is not null || status.Metrics is not null);

    private static Refusal? CheckNames(string taskId, int? attempt, string? agentId) =>
        !TaskRules.IsTaskName(taskId) ? Malformed("task_id is not a task id")
        : attempt is null ? Malformed("attempt is missing")
        : attempt < 1 ? Malformed($"attempt {attempt} is below 1")
        : !TaskRules.IsAgentId(agentId) ? Malformed("executor_agent_id is missing or not an agent id")
        : null;

    private static Refusal? CheckPortion(string field, double value) =>
        value is >= 0 and <= 1 ? null : Malformed($"{field} {value} is not within 0..1");

    private static Refusal Malformed(string detail) => new(RefusalKind.Malformed, detail);
}

/// <summary>Where the attempt of a report stands.</summary>
public abstract record Standing
{
    private Standing()
    {
    }

    /// <summary>It runs: the report counts.</summary>
    public static Standing Current { get; } = new IsCurrent();

    /// <summary>It is not known to run yet: the report waits.</summary>
    public static Standing Early { get; } = new IsEarly();

    /// <summary>The report is refused.</summary>
    public static Standing Over(RefusalKind kind, string detail) => new IsOver(new Refusal(kind, detail));

    /// <summary>See <see cref="Current"/>.</summary>
    public sealed record IsCurrent : Standing;

    /// <summary>See <see cref="Early"/>.</summary>
    public sealed record IsEarly : Standing;

    /// <summary>See <see cref="Over"/>.</summary>
    /// <param name="Refusal">Why.</param>
    public sealed record IsOver(Refusal Refusal) : Standing;
}
