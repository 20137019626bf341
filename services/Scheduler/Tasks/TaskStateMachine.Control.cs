using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Control;
using A2A.Micro.Scheduler.Dependencies;
using MassTransit;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>The part of the life that commands, checkpoints and questions make.</summary>
public sealed partial class TaskStateMachine
{
    /// <summary>Stopped where it can go on from. Moved on by a resume; rescued by the deadline, unless that was stopped too.</summary>
    public State<TaskSaga> Paused { get; }

    /// <summary>The agent, which keeps its slot, waits for an answer of the submitter. Rescued by the deadline.</summary>
    public State<TaskSaga> InputRequired { get; }

    /// <summary><c>task.control.cancel</c>.</summary>
    public Event<CancelTask> CancelRequested { get; private set; } = null!;

    /// <summary><c>resource.preempt</c> from the ResourceManager.</summary>
    public Event<PreemptAttempt> Preempted { get; private set; } = null!;

    /// <summary><c>task.control.pause</c>.</summary>
    public Event<PauseTask> PauseRequested { get; private set; } = null!;

    /// <summary><c>task.control.resume</c>.</summary>
    public Event<ResumeTask> ResumeRequested { get; private set; } = null!;

    /// <summary><c>task.control.hold</c>.</summary>
    public Event<HoldTask> HoldRequested { get; private set; } = null!;

    /// <summary><c>task.control.release</c>.</summary>
    public Event<ReleaseTask> ReleaseRequested { get; private set; } = null!;

    /// <summary><c>task.control.requeue</c>.</summary>
    public Event<RequeueTask> RequeueRequested { get; private set; } = null!;

    /// <summary><c>task.control.retry</c>.</summary>
    public Event<RetryTask> RetryRequested { get; private set; } = null!;

    /// <summary><c>task.control.amend</c>.</summary>
    public Event<AmendTask> AmendmentRequested { get; private set; } = null!;

    /// <summary><c>task.control.input</c>.</summary>
    public Event<ProvideInput> InputProvided { get; private set; } = null!;

    /// <summary><c>task.input_required</c>.</summary>
    public Event<RequireInput> QuestionAsked { get; private set; } = null!;

    /// <summary><c>task.checkpoint</c>.</summary>
    public Event<TaskCheckpoint> CheckpointSaved { get; private set; } = null!;

    private void Control()
    {
        WhileWaiting();
        WhileWorking();
        WhilePaused();
        WhileAsking();
        Afterwards();
        Everywhere();
    }

    // Nobody works on it: every command is done at once.
    private void WhileWaiting()
    {
        During([Queued, Blocked, Paused],
            When(CancelRequested).Obey((saga, message, policy) => Verdicts.OfCancel(saga, message, policy.Options.CancelGrace))
                .Case(Verdict.Cancel, idle => idle.If(context => context.Saga.KeepsRoom, kept => kept.TakeAway("CANCELLED"))
                    .TransitionTo(Cancelled)));

        During([Queued, Blocked],
            When(PauseRequested).Obey((saga, message, policy) => ControlVerdicts.OfPause(saga, message, policy.Options.ControlTimeout))
                .Case(Verdict.Pause, idle => idle.RememberWishes().Hold(false).TransitionTo(Paused)));

        During(Queued,
            When(HoldRequested).Obey((saga, message, _) => ControlVerdicts.OfHold(saga, message))
                .Case(Verdict.Hold, idle => idle.Hold(true).TransitionTo(Blocked)),
            When(RequeueRequested).Obey((saga, message, _) => ControlVerdicts.OfRequeue(saga, message))
                .Case(Verdict.Requeue, again => again.BeginAgain()),
            When(AmendmentRequested).Obey((saga, message, policy) => ControlVerdicts.OfAmendment(saga, message, policy.Now))
                .Case(Verdict.Requeue, place => place.Amend().BeginAgain())
                .Case(Verdict.Proceed, words => words.Amend().Explain()));

        During(Blocked,
            When(HoldRequested).Obey((saga, message, _) => ControlVerdicts.OfHold(saga, message))
                .Case(Verdict.Hold, idle => idle.Hold(true).Enter(TaskPhase.None)),
            When(RequeueRequested).Obey((saga, message, _) => ControlVerdicts.OfRequeue(saga, message))
                .Case(Verdict.Requeue, now => now.TransitionTo(Queued)));

        During([Blocked, Paused],
            When(AmendmentRequested).Obey((saga, message, policy) => ControlVerdicts.OfAmendment(saga, message, policy.Now))
                .Case(Verdict.Proceed, words => words.Amend().Explain()));
    }

    private void WhileWorking()
    {
        During([Offered, InputRequired],
            When(PauseRequested).Obey((saga, message, policy) => ControlVerdicts.OfPause(saga, message, policy.Options.ControlTimeout))
                .Case(Verdict.Pause, idle => idle.RememberWishes().TakeAway("PAUSED").TransitionTo(Paused)));

        During(Running,
            When(PauseRequested).Obey((saga, message, policy) => ControlVerdicts.OfPause(saga, message, policy.Options.ControlTimeout))
                .Case(Verdict.Stop, busy => busy.RememberWishes().TellAgentToPause().Enter(TaskPhase.Pausing)));

        During(Offered,
            When(HoldRequested).Obey((saga, message, _) => ControlVerdicts.OfHold(saga, message))
                .Case(Verdict.Hold, open => open.Hold(true).WithdrawFromAgent("HELD").TransitionTo(Blocked)));

        During([Offered, Running, InputRequired],
            When(RequeueRequested).Obey((saga, message, _) => ControlVerdicts.OfRequeue(saga, message))
                .Case(Verdict.Requeue, away => away.TakeAway("REQUEUED").TransitionTo(Queued)),
            When(AmendmentRequested).Obey((saga, message, policy) => ControlVerdicts.OfAmendment(saga, message, policy.Now)));

        During([Offered, Running],
            When(QuestionAsked).Judge((saga, message, _) => ReportVerdicts.OfQuestion(
                    saga, message, ControlSteps.InputOf(saga, message.Question.Key) is not null))
                .Case(Verdict.Ask, asks => asks.KeepQuestion().TransitionTo(InputRequired))
                .Case(Verdict.Proceed, again => again.AnswerAgain().Rearm())
                .Case(Verdict.Pause, idle => idle.TakeAway("PAUSED").TransitionTo(Paused))
                .Case(Verdict.Requeue, preempted => preempted.TakeAway(PreemptionVerdicts.Code).TransitionTo(Queued))
                .Case(Verdict.Refused, stale => stale.Refuse()));

        MakingRoom();
    }

    // The room is wanted for a more urgent task.
    private void MakingRoom()
    {
        During([Offered, Running, Paused, InputRequired],
            When(Preempted).Judge((saga, message, policy) => PreemptionVerdicts.Of(saga, message, policy.Options.ControlTimeout))
                .Case(Verdict.Requeue, open => open.NotePreemption(CommandStatus.Applied).TakeAway(PreemptionVerdicts.Code).TransitionTo(Queued))
                .Case(Verdict.Stop, busy => busy.NotePreemption(CommandStatus.Accepted).TellAgentToMakeRoom().Enter(TaskPhase.Pausing))
                .Case(Verdict.Proceed, rests => rests.NotePreemption(CommandStatus.Applied)
                    .WithdrawFromAgent(PreemptionVerdicts.Code).LoseAgent().Explain())
                .Case(Verdict.Refused, stale => stale.Refuse()));

        // It has given its room back, or is about to: nobody holds what is wanted.
        During([Queued, Blocked, Completed, Failed, Cancelled, Rejected, Expired], Ignore(Preempted));
    }

    private void WhilePaused() => During(Paused,
        When(PauseRequested).Obey((saga, message, policy) => ControlVerdicts.OfPause(saga, message, policy.Options.ControlTimeout)),
        When(RequeueRequested).Obey((saga, message, _) => ControlVerdicts.OfRequeue(saga, message)),
        When(OfferAccepted).Judge((saga, message, _) => saga.Phase == TaskPhase.Resuming.Word()
                ? Verdicts.OfAcceptance(saga, message)
                : Judgement.No(Contracts.Errors.RefusalReason.Repeated))
            .Case(Verdict.Proceed, holder => holder.RestoreDeadline().LetGo().TransitionTo(Running))
            .Case(Verdict.Refused, other => other.Withdraw()),
        When(Revoked).Judge((saga, message, _) => ReportVerdicts.OfLossAtRest(saga, message))
            .Case(Verdict.Requeue, lost => lost.RestoreDeadline().TakeAway("AGENT_LOST").TransitionTo(Queued))
            .Case(Verdict.Proceed, lost => lost.WithdrawFromAgent("AGENT_LOST").LoseAgent().Explain())
            .Case(Verdict.Refused, stale => stale.Refuse()),
        When(WokenUp).Judge((saga, message, policy) => Verdicts.OfTime(saga, message.Now, policy.Options.Retry))
            .Case(Verdict.Expire, late => late.WithdrawFromAgent("EXPIRED").TransitionTo(Expired))
            .Case(Verdict.Requeue, silent => silent.RestoreDeadline().TakeAway("AGENT_SILENT").TransitionTo(Queued))
            .Case(Verdict.Refused, early => early.Rearm()),
        When(Allocated).GiveBack(),
        Ignore(Denied));

    private void WhileAsking() => During(InputRequired,
        When(InputProvided).Obey((saga, message, _) => ControlVerdicts.OfInput(saga, message))
            .Case(Verdict.Proceed, waits => waits.KeepInput().TellAgentTheInput().TransitionTo(Running))
            .Case(Verdict.Requeue, nobody => nobody.KeepInput().TransitionTo(Queued)),
        When(QuestionAsked).Judge((saga, message, _) => ReportVerdicts.OfQuestion(saga, message, answered: false))
            .Case(Verdict.Ask, another => another.KeepQuestion().Explain())
            .Case(Verdict.Refused, again => again.Refuse()),
        When(Revoked).Judge((saga, message, _) => ReportVerdicts.OfLossAtRest(saga, message))
            .Case(Verdict.Proceed, lost => lost.WithdrawFromAgent("AGENT_LOST").LoseAgent().Explain())
            .Case(Verdict.Cancel, gone => gone.TransitionTo(Cancelled))
            .Case(Verdict.Refused, stale => stale.Refuse()));

    private void Afterwards()
    {
        State[] ends = [Completed, Failed, Cancelled, Rejected, Expired];
        During(ends,
            When(CancelRequested).Obey((saga, message, policy) => Verdicts.OfCancel(saga, message, policy.Options.CancelGrace)),
            When(PauseRequested).Obey((saga, message, policy) => ControlVerdicts.OfPause(saga, message, policy.Options.ControlTimeout)),
            When(RequeueRequested).Obey((saga, message, _) => ControlVerdicts.OfRequeue(saga, message)),
            When(AmendmentRequested).Obey((saga, message, policy) => ControlVerdicts.OfAmendment(saga, message, policy.Now)),
            When(RetryRequested).Obey((saga, message, _) => ControlVerdicts.OfRetry(saga, message))
                .Case(Verdict.Replay, again => again.Replay((_, _) => null)));
        During([Running, Paused, InputRequired, .. ends],
            When(HoldRequested).Obey((saga, message, _) => ControlVerdicts.OfHold(saga, message)));
        During([Queued, Blocked, Offered, Running, Paused, InputRequired],
            When(RetryRequested).Obey((saga, message, _) => ControlVerdicts.OfRetry(saga, message)));
        During([Queued, Blocked, Paused, .. ends],
            When(QuestionAsked).Refuse((saga, message) => Fencing.ForAnswer(saga, message.AgentId, message.Attempt)));
        During([Queued, Blocked, Offered, Running, Paused, .. ends],
            When(InputProvided).Obey((saga, message, _) => ControlVerdicts.OfInput(saga, message)));
    }

    private void Everywhere()
    {
        State[] ends = [Completed, Failed, Cancelled, Rejected, Expired];
        During([Queued, Blocked, Offered, Running, Paused, InputRequired, .. ends],
            When(ReleaseRequested).Obey((saga, message, policy) =>
                    ControlVerdicts.OfRelease(saga, message, policy.Now, policy.Options.DependencyAskAgain))
                .Case(Verdict.Proceed, held => held.Hold(false).TakeInputs().TransitionTo(Queued))
                .Case(Verdict.Block, waits => waits.Hold(false).AskDependencies().Enter(TaskPhase.None))
                .Case(Verdict.Fail, never => never.Hold(false).TransitionTo(Failed))
                .Case(Verdict.Cancel, skipped => skipped.Hold(false).TransitionTo(Cancelled)),
            When(ResumeRequested).Obey((saga, message, policy) => ControlVerdicts.OfResume(saga, message, policy.Now, policy.Options))
                .Case(Verdict.Proceed, rested => rested.TakeCheckpoint().RestoreDeadline().TakeInputs().TransitionTo(Queued))
                .Case(Verdict.Block, waits => waits.RestoreDeadline().AskDependencies().TransitionTo(Blocked))
                .Case(Verdict.Fail, never => never.TransitionTo(Failed))
                .Case(Verdict.Cancel, skipped => skipped.TransitionTo(Cancelled))
                .Case(Verdict.Resume, kept => kept.TakeCheckpoint().TellAgentToResume().Enter(TaskPhase.Resuming))
                .Case(Verdict.Replay, failed => failed.Replay((saga, message) => message.Checkpoint ?? saga.Checkpoint)));
        During([Queued, Blocked, Offered, Running, Paused, InputRequired],
            When(CheckpointSaved).KeepCheckpoint());
        During(ends,
            When(CheckpointSaved).Refuse((saga, message) => Fencing.ForHolder(saga, message.AgentId, message.Attempt)));
    }

    private void CorrelateControl()
    {
        Event(() => CancelRequested, e => Known(e, message => message.TaskId));
        Event(() => PauseRequested, e => Known(e, message => message.TaskId));
        Event(() => ResumeRequested, e => Known(e, message => message.TaskId));
        Event(() => HoldRequested, e => Known(e, message => message.TaskId));
        Event(() => ReleaseRequested, e => Known(e, message => message.TaskId));
        Event(() => RequeueRequested, e => Known(e, message => message.TaskId));
        Event(() => RetryRequested, e => Known(e, message => message.TaskId));
        Event(() => AmendmentRequested, e => Known(e, message => message.TaskId));
        Event(() => InputProvided, e => Known(e, message => message.TaskId));
        Event(() => QuestionAsked, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
        Event(() => CheckpointSaved, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
    }

    private static void Known<T>(IEventCorrelationConfigurator<TaskSaga, T> e, Func<T, string> taskId) where T : class
    {
        _ = e.CorrelateById(context => TaskKey.Of(taskId(context.Message)));
        _ = e.OnMissingInstance(missing => missing.ExecuteAsync(CommandAnswers.RefuseUnknown));
    }
}
