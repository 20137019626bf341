using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Control;

/// <summary>What agents say about pauses, checkpoints and questions, and what their silence means. Pure.</summary>
public static class ReportVerdicts
{
    /// <summary>
    /// An agent's word about a command: that it heard of it, or that its handler stopped. After a pause that was given up because the
    /// agent was silent its handler may stop all the same; then nobody works any more, and another attempt goes on.
    /// </summary>
    public static Judgement OfStop(TaskSaga saga, ControlAcknowledged said, TimeSpan grace)
    {
        if (Fencing.ForHolder(saga, said.AgentId ?? "", said.Attempt ?? 0) is { } refusal) { return Judgement.No(refusal); }
        var stopped = said.Status != CommandStatus.Accepted.Word();
        var command = CommandLedger.Find(saga.Commands, said.CommandId);
        return WireWord.Parse<TaskPhase>(saga.Phase) switch
        {
            TaskPhase.Cancelling when stopped => new(Verdict.Cancel) { Cause = new Cause { Code = "CANCELLED", Reason = saga.CancelReason } },
            TaskPhase.Pausing when stopped && command is { Name: "pause" or CommandLedger.Preempt } && IsPreempted(saga) =>
                new(Verdict.Requeue) { Token = Bounded(said.ResumeToken), TokenNumber = said.Number, Cause = PreemptionVerdicts.Preempted(saga) },
            TaskPhase.Pausing when stopped && command is { Name: "pause" or CommandLedger.Preempt } =>
                new(Verdict.Pause) { Token = Bounded(said.ResumeToken), TokenNumber = said.Number, Cause = Paused(saga) },
            TaskPhase.Pausing when command is
            { Name: "pause" or CommandLedger.Preempt, Status: CommandStatus.Accepted, Reached: false } =>
                new(Verdict.Proceed) { WakeIn = grace },
            TaskPhase.None when stopped && command is { Name: "pause" or CommandLedger.Preempt, Status: CommandStatus.Rejected } => new(Verdict.Requeue)
            {
                Token = Bounded(said.ResumeToken),
                TokenNumber = said.Number,
                Note = $"attempt {saga.Attempt}: {saga.AgentId} paused after the command had been given up",
                Cause = new Cause { Code = "RESUMED", Reason = "the agent paused too late; another attempt goes on" },
            },
            _ => Judgement.No(RefusalReason.Repeated),
        };
    }

    /// <summary>
    /// The time of a pause is over. An agent that never confirmed may not have heard of it: the command fails and the task goes on. One that
    /// did has had its grace: it is stopped hard, and the last checkpoint counts.
    /// </summary>
    public static Judgement OfSilence(TaskSaga saga) => saga.Commands.Any(note =>
            note is { Name: "pause" or CommandLedger.Preempt, Status: CommandStatus.Accepted, Reached: true })
        ? new(IsPreempted(saga) ? Verdict.Requeue : Verdict.Pause)
        {
            Cause = new Cause { Code = "HARD_STOP", Reason = $"{saga.AgentId} did not stop in time; the last checkpoint counts" },
        }
        : new(Verdict.GiveUp)
        {
            Cause = new Cause { Code = ErrorKind.Timeout.Code, Reason = $"{saga.AgentId} did not confirm the pause in time" },
        };

    /// <summary>An attempt that ended otherwise while it was to pause: what would have been another attempt at once is the pause.</summary>
    public static Judgement OrPause(this Judgement judgement, TaskSaga saga) =>
        saga.Phase == TaskPhase.Pausing.Word() && !IsPreempted(saga) && judgement.Verdict is Verdict.Wait or Verdict.Requeue
            ? judgement with { Verdict = Verdict.Pause, WakeIn = null }
            : judgement;

    /// <summary>A place to go on from: it counts while no newer attempt has begun, and the newest of an attempt wins.</summary>
    public static RefusalReason? OfCheckpoint(TaskSaga saga, TaskCheckpoint said) =>
        said.Attempt != saga.Attempt ? RefusalReason.StaleAttempt
        : saga.AgentId is { } holder && holder != said.AgentId ? RefusalReason.NotOwner
        : (said.Attempt, said.Number).CompareTo((saga.CheckpointAttempt, saga.CheckpointNumber)) <= 0
            || Bounded(said.ResumeToken) is null ? RefusalReason.Repeated
        : null;

    /// <summary>A question of the agent. One that was answered before is answered again: the answer may have been lost with an agent.</summary>
    public static Judgement OfQuestion(TaskSaga saga, RequireInput said, bool answered)
    {
        if (Fencing.ForAnswer(saga, said.AgentId, said.Attempt) is { } refusal) { return Judgement.No(refusal); }
        var question = said.Question;
        if (saga.Phase == TaskPhase.Pausing.Word())
        {
            return IsPreempted(saga)
                ? new(Verdict.Requeue) { Cause = PreemptionVerdicts.Preempted(saga) }
                : new(Verdict.Pause) { Cause = Paused(saga) };
        }

        return answered ? new(Verdict.Proceed)
            : saga.Question?.Key == question.Key && saga.State == TaskState.InputRequired.Word() ? Judgement.No(RefusalReason.Repeated)
            : new(Verdict.Ask) { Cause = new Cause { Code = "AWAITING_INPUT", Reason = question.Question } };
    }

    /// <summary>The agent is gone while its task is paused or waits for an answer: what it held is gone with it, and the wait goes on.</summary>
    public static Judgement OfLossAtRest(TaskSaga saga, ResourcesRevoked revoked)
    {
        if (!Fencing.IsCurrent(saga, revoked.Attempt) || !saga.HoldsRoom) { return Judgement.No(RefusalReason.StaleAttempt); }
        var note = $"attempt {saga.Attempt}: {revoked.AgentId} was lost ({revoked.Code})";
        var cause = new Cause { Code = ErrorKind.AgentLost.Code, Reason = note + "; another agent will go on" };
        return WireWord.Parse<TaskPhase>(saga.Phase) switch
        {
            TaskPhase.Cancelling => new(Verdict.Cancel) { Note = note, Cause = new Cause { Code = "CANCELLED", Reason = note } },
            TaskPhase.Resuming => new(Verdict.Requeue) { Note = note, Cause = cause },
            _ => new(Verdict.Proceed) { Note = note, Cause = cause },
        };
    }

    // It stops for a more urgent task, and nobody has asked besides that it rests.
    private static bool IsPreempted(TaskSaga saga) =>
        saga.Commands.Any(note => note is { Name: CommandLedger.Preempt, Status: CommandStatus.Accepted })
        && !CommandLedger.OpenPauses(saga.Commands).Any();

    // In the words of whoever asked for it.
    private static Cause Paused(TaskSaga saga) =>
        new() { Code = CommandLedger.PausedByRequest, Reason = CommandLedger.OpenPauses(saga.Commands).LastOrDefault()?.Detail };

    private static string? Bounded(string? token) =>
        TaskRules.IsToken(token) ? token : null;
}
