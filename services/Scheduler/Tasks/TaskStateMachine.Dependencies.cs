using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Dependencies;
using MassTransit;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>Waiting for others and being waited for. What is decided is in <see cref="DependencyVerdicts"/> and <see cref="Watching"/>.</summary>
public sealed partial class TaskStateMachine
{
    /// <summary>
    /// Nobody has submitted it, but somebody waits for it. No state of the protocol: it has no number, no document, and nobody outside
    /// hears of it. Rescued by the submission, or by <see cref="SchedulerOptions.DependencyWait"/>, after which those who wait are told.
    /// </summary>
    public State<TaskSaga> Awaited { get; }

    /// <summary><c>task.dependency.watch</c>: somebody waits for this task.</summary>
    public Event<WatchDependency> WatchRequested { get; private set; } = null!;

    /// <summary><c>task.dependency.settled</c>: news of something that this task waits for.</summary>
    public Event<DependencySettled> DependencyEnded { get; private set; } = null!;

    private void DeclareDependencies()
    {
        Initially(When(WatchRequested).Await().TransitionTo(Awaited));

        During(Awaited,
            When(WatchRequested).Await(),
            When(WokenUp).GiveUpWaiting(),
            When(CancelRequested).RefuseUnknown(),
            When(PauseRequested).RefuseUnknown(),
            When(ResumeRequested).RefuseUnknown(),
            When(HoldRequested).RefuseUnknown(),
            When(ReleaseRequested).RefuseUnknown(),
            When(RequeueRequested).RefuseUnknown(),
            When(RetryRequested).RefuseUnknown(),
            When(AmendmentRequested).RefuseUnknown(),
            When(InputProvided).RefuseUnknown(),
            Ignore(QuestionAsked),
            Ignore(CheckpointSaved),
            When(Allocated).GiveBack(),
            When(OfferAccepted).Withdraw(),
            Ignore(RoomAwaited),
            Ignore(Denied),
            Ignore(Revoked),
            Ignore(Preempted),
            Ignore(OfferRejected),
            Ignore(Finished),
            Ignore(Stopped));

        During(Blocked,
            When(DependencyEnded)
                .Judge((saga, message, policy) => DependencyVerdicts.OfSettled(saga, message, policy.Now, policy.Options.DependencyAskAgain))
                .Case(Verdict.Proceed, free => free.TakeInputs().TakeChildrenIn().TransitionTo(Queued))
                .Case(Verdict.Block, less => less.TakeChildrenIn().Explain())
                .Case(Verdict.Inquire, inPart => inPart.AskForParts())
                .Case(Verdict.Reject, orphan => orphan.TransitionTo(Rejected))
                .Case(Verdict.Fail, never => never.TransitionTo(Failed))
                .Case(Verdict.Cancel, skipped => skipped.TransitionTo(Cancelled)),
            When(WokenUp).LookForCycle()
                .Judge((saga, message, policy) =>
                    DependencyVerdicts.OfTime(saga, message.Now, policy.Options.Retry, policy.Options.DependencyAskAgain,
                        policy.Options.DependencyWait))
                .Case(Verdict.Requeue, rested => rested.TransitionTo(Queued))
                .Case(Verdict.Proceed, time => time.TakeInputs().TransitionTo(Queued))
                .Case(Verdict.Block, silence => silence.AskDependencies().Rearm())
                .Case(Verdict.Fail, large => large.TransitionTo(Failed))
                .Case(Verdict.Reject, cycle => cycle.TransitionTo(Rejected))
                .Case(Verdict.Expire, late => late.TransitionTo(Expired))
                .Case(Verdict.Refused, early => early.Rearm()));

        During([Submitted, Blocked, Queued, Offered, Running, Paused, InputRequired, Completed, Failed, Cancelled, Rejected, Expired],
            When(WatchRequested).Watch());

        // A paused task asks again when it is resumed.
        During([Awaited, Submitted, Queued, Offered, Running, Paused, InputRequired, Completed, Failed, Cancelled, Rejected, Expired],
            Ignore(DependencyEnded));
    }

    private void CorrelateDependencies()
    {
        Event(() => WatchRequested, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)));
        Event(() => DependencyEnded, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
    }
}
