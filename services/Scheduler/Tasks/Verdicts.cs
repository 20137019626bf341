using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Control;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Distribution;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>What each message means for a task: the decisions of the lifecycle, without clock, bus or database.</summary>
public static class Verdicts
{
    private const string TooLate = "the deadline passed before there was a result";

    /// <summary>A submission: may it enter, at once or later, or is it refused by the rules?</summary>
    public static Judgement OfSubmission(TaskSaga saga, DateTimeOffset now, TimeSpan askAgain)
    {
        ArgumentNullException.ThrowIfNull(saga);
        var errors = TaskRules.CheckInside(saga.Task, now);
        if (errors.Count == 0) { return DependencyVerdicts.OfSubmission(saga, now, askAgain); }
        var kind = ErrorKind.All.First(kind => errors.Any(error => error.Code == kind.Code));
        return new Judgement(Verdict.Reject)
        {
            Cause = Ended(kind, kind.Title, [.. errors.Select(error => $"{error.Pointer}: {error.Detail}")]),
        };
    }

    /// <summary>
    /// Room for an attempt: offer it, or give back what an older attempt no longer needs. Room from an agent that has just been silent comes because no other
    /// one has any: it is given back, and asked for again after a while.
    /// </summary>
    public static Judgement OfAllocation(TaskSaga saga, ResourcesAllocated allocated, TimeSpan offerTimeout, RetryDefaults defaults)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(allocated);
        if (!Fencing.IsCurrent(saga, allocated.Attempt)) { return Judgement.No(RefusalReason.StaleAttempt); }
        if (Silence.Owed(saga.Notes, allocated.AgentId) is not (> 0 and var silences))
        {
            return new Judgement(Verdict.Proceed) { Cause = new Cause { Resources = allocated.Resources }, WakeIn = offerTimeout };
        }

        var note = Silence.NoteOfRest(saga.Attempt, allocated.AgentId);
        return new Judgement(Verdict.Wait)
        {
            Note = note,
            WakeIn = RetryPolicy.Backoff(saga.Task.Retry, defaults, silences, $"{saga.TaskId}/{saga.Attempt}"),
            Cause = new Cause { Code = "RETRY_BACKOFF", Reason = note },
        };
    }

    /// <summary>No room yet: the task stays where it is and can say why.</summary>
    public static Judgement OfWaiting(TaskSaga saga, ResourcesWaiting waiting)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        return Fencing.IsCurrent(saga, waiting.Attempt)
            ? new Judgement(Verdict.Proceed) { Cause = new Cause { Code = waiting.Code, Reason = waiting.Reason } }
            : Judgement.No(RefusalReason.StaleAttempt);
    }

    /// <summary>No room, ever.</summary>
    public static Judgement OfDenial(TaskSaga saga, ResourcesDenied denied)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(denied);
        return Fencing.IsCurrent(saga, denied.Attempt)
            ? new Judgement(Verdict.Reject)
            {
                Cause = Ended(ErrorKind.ResourceUnavailable, denied.Reason, [.. saga.Notes, $"{denied.Code}: {denied.Reason}"]),
            }
            : Judgement.No(RefusalReason.StaleAttempt);
    }

    /// <summary>The agent takes it.</summary>
    public static Judgement OfAcceptance(TaskSaga saga, TaskAccepted accepted)
    {
        ArgumentNullException.ThrowIfNull(accepted);
        return Fencing.ForAnswer(saga, accepted.AgentId, accepted.Attempt) is { } refusal
            ? Judgement.No(refusal)
            : new Judgement(Verdict.Proceed);
    }

    /// <summary>The agent does not take it.</summary>
    public static Judgement OfRejection(TaskSaga saga, TaskRejected rejected)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(rejected);
        if (Fencing.ForAnswer(saga, rejected.AgentId, rejected.Attempt) is { } refusal) { return Judgement.No(refusal); }
        var note = $"{rejected.AgentId} rejected: {rejected.Code.Word()}" + (rejected.Reason is { } reason ? $" ({reason})" : "");
        var before = saga.Notes.Count(line => line.StartsWith($"{rejected.AgentId} rejected", StringComparison.Ordinal));
        var kind = ErrorKind.Of(rejected.Code);
        return RetryPolicy.AfterRejection(rejected.Code, before + 1) switch
        {
            RejectionConsequence.Final => new Judgement(Verdict.Reject)
            {
                Note = note,
                Cause = Ended(kind, rejected.Reason ?? kind.Title, [.. saga.Notes, note]),
            },
            RejectionConsequence.Exclude => new Judgement(Verdict.Requeue)
            {
                Note = note,
                Outcome = AttemptOutcome.Refused,
                Exclude = rejected.AgentId,
                Cause = new Cause { Code = kind.Code, Reason = note },
            },
            _ => new Judgement(Verdict.Wait)
            {
                Note = note,
                Outcome = AttemptOutcome.Refused,
                Avoid = rejected.AgentId,
                WakeIn = TimeSpan.FromSeconds(1),
                Cause = new Cause { Code = "RETRY_BACKOFF", Reason = note },
            },
        };
    }

    /// <summary>An attempt ended.</summary>
    public static Judgement OfResult(TaskSaga saga, TaskResult result, RetryDefaults defaults)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(result);
        if (Fencing.ForResult(saga, result.ExecutorAgentId, result.Attempt) is { } refusal) { return Judgement.No(refusal); }
        if (result.Status == TaskState.Completed)
        {
            return new Judgement(Verdict.Complete)
            {
                Outcome = AttemptOutcome.Succeeded,
                Cause = new Cause { Result = result.Result, ExecutionMetadata = result.ExecutionMetadata },
            };
        }

        var error = result.Error ?? new TaskError { Code = ErrorKind.HandlerFailed.Code, Message = "the agent gave no reason" };
        if (error.Code == ErrorKind.DeadlineExceeded.Code) { return Late(); }
        var note = $"attempt {saga.Attempt} on {saga.AgentId} failed: {error.Code} ({error.Message})";
        var failures = saga.Failures + 1;
        // What no other agent could do better is the task's own fault.
        AttemptOutcome? blame = error.Retryable ? AttemptOutcome.Failed : null;
        return RetryPolicy.AfterFailure(saga.Task.Retry, defaults, failures, error.Retryable, $"{saga.TaskId}/{saga.Attempt}", error.Code) switch
        {
            RetryDecision.Again again => new Judgement(Verdict.Wait)
            {
                IsFailure = true,
                Outcome = blame,
                Note = note,
                Avoid = saga.AgentId,
                WakeIn = again.After,
                Cause = new Cause { Code = "RETRY_BACKOFF", Reason = note, Error = error },
            },
            _ => new Judgement(Verdict.Fail)
            {
                IsFailure = true,
                Outcome = blame,
                Note = note,
                Cause = new Cause
                {
                    Code = error.Code,
                    Reason = error.Message,
                    ExecutionMetadata = result.ExecutionMetadata,
                    Error = error with { Retryable = false, Details = [.. saga.Notes, note] },
                },
            },
        };
    }

    /// <summary>The agent is gone.</summary>
    public static Judgement OfLoss(TaskSaga saga, ResourcesRevoked revoked, RetryDefaults defaults)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(revoked);
        if (!Fencing.IsCurrent(saga, revoked.Attempt)) { return Judgement.No(RefusalReason.StaleAttempt); }
        return Lost(saga, $"attempt {saga.Attempt}: {revoked.AgentId} was lost ({revoked.Code})", defaults);
    }

    /// <summary>
    /// The agent that had room for it is gone, and the loss is heard before the room: what comes of this attempt now is too late. Nobody worked on it, so
    /// it counts as no loss.
    /// </summary>
    public static Judgement OfLossUnheard(TaskSaga saga, ResourcesRevoked revoked)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(revoked);
        if (!Fencing.IsCurrent(saga, revoked.Attempt)) { return Judgement.No(RefusalReason.StaleAttempt); }
        var note = $"attempt {saga.Attempt}: {revoked.AgentId} was lost before it was offered ({revoked.Code})";
        return new Judgement(Verdict.Requeue) { Note = note, Cause = new Cause { Code = ErrorKind.AgentLost.Code, Reason = note } };
    }

    /// <summary>Somebody wants it to end. A second wish changes nothing: above all, it does not prolong the grace time.</summary>
    public static Judgement OfCancel(TaskSaga saga, CancelTask cancel, TimeSpan grace)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(cancel);
        var state = WireWord.Parse<TaskState>(saga.State);
        if (state.IsTerminal()) { return Judgement.Object(ErrorKind.NotCancelable, $"the task is {state.Word()}"); }
        if (saga.Phase == TaskPhase.Cancelling.Word()) { return Judgement.Already(CommandStatus.Accepted); }
        var busy = state is TaskState.Offered or TaskState.Running or TaskState.InputRequired && saga.AgentId is not null;
        return busy
            ? new Judgement(Verdict.Stop)
            {
                Answer = CommandStatus.Accepted,
                Cause = Cancelled(cancel.Reason),
                WakeIn = grace,
                SparesChildren = cancel.Cascade == false,
            }
            : new Judgement(Verdict.Cancel) { Cause = Cancelled(cancel.Reason), SparesChildren = cancel.Cascade == false };
    }

    /// <summary>Time has passed: the deadline, or the step that the task is in.</summary>
    public static Judgement OfTime(TaskSaga saga, DateTimeOffset now, RetryDefaults defaults)
    {
        ArgumentNullException.ThrowIfNull(saga);
        if (saga.Deadline <= now) { return Late(); }
        if (!(saga.WakeAt <= now)) { return Judgement.No(RefusalReason.Repeated); }
        if (saga.Phase == TaskPhase.Cancelling.Word())
        {
            return new Judgement(Verdict.Cancel) { Cause = Cancelled($"{saga.AgentId} did not confirm in time") };
        }

        if (saga.Phase == TaskPhase.Pausing.Word()) { return ReportVerdicts.OfSilence(saga); }
        return saga.State == TaskState.Offered.Word()
            ? Lost(saga, Silence.Note(saga.Attempt, saga.AgentId), defaults)
            // A group that nobody has told yet who does it.
            : saga.State == TaskState.Queued.Word() && GroupRules.IsGroup(saga.Task) ? new Judgement(Verdict.Inquire)
            : new Judgement(Verdict.Requeue);
    }

    private static Judgement Lost(TaskSaga saga, string note, RetryDefaults defaults)
    {
        if (saga.Phase == TaskPhase.Cancelling.Word())
        {
            return new Judgement(Verdict.Cancel) { Note = note, Cause = Cancelled(note) };
        }

        return RetryPolicy.AfterLoss(defaults, saga.Losses + 1) is RetryDecision.Again
            ? new Judgement(Verdict.Requeue)
            {
                IsLoss = true,
                Outcome = AttemptOutcome.Failed,
                Note = note,
                Avoid = saga.AgentId,
                Cause = new Cause { Code = ErrorKind.AgentLost.Code, Reason = note },
            }
            : new Judgement(Verdict.Fail)
            {
                IsLoss = true,
                Outcome = AttemptOutcome.Failed,
                Note = note,
                Cause = Ended(ErrorKind.AgentLost, $"{saga.Losses + 1} agents were lost while they worked on it", [.. saga.Notes, note]),
            };
    }

    internal static Judgement Late() => new(Verdict.Expire) { Cause = Ended(ErrorKind.DeadlineExceeded, TooLate) };

    private static Cause Cancelled(string? reason) => new() { Code = "CANCELLED", Reason = reason };

    internal static Cause Ended(ErrorKind kind, string reason, IReadOnlyList<string>? details = null) => new()
    {
        Code = kind.Code,
        Reason = reason,
        Error = new TaskError { Code = kind.Code, Message = reason, Details = details },
    };
}
