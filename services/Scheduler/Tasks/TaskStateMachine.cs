using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Control;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Groups;
using MassTransit;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>
/// The life of a task, one block per state in the order a task lives them. docs/task-lifecycle.md is the same as a table, and a test plays it.
/// What a message means is decided in <see cref="Verdicts"/>; the cases here only say where that leads.
/// </summary>
public sealed partial class TaskStateMachine : MassTransitStateMachine<TaskSaga>
{
    /// <summary>Declares states, events and blocks.</summary>
    public TaskStateMachine()
    {
        InstanceState(saga => saga.State);
        Awaited = State("awaited");
        Submitted = State("submitted");
        Blocked = State("blocked");
        Queued = State("queued");
        Offered = State("offered");
        Running = State("running");
        Paused = State("paused");
        InputRequired = State("input_required");
        Completed = State("completed");
        Failed = State("failed");
        Cancelled = State("cancelled");
        Rejected = State("rejected");
        Expired = State("expired");
        Correlate();
        CorrelateControl();
        CorrelateDependencies();
        CorrelateGroups();

        During([Initial, Awaited],
            When(SubmitRequested).Remember().ForgetStrangers().TransitionTo(Submitted).LookForCycle()
                .Judge((saga, _, policy) => policy.Seals.Objection(saga.Task)
                    ?? Verdicts.OfSubmission(saga, policy.Now, policy.Options.DependencyAskAgain))
                .Case(Verdict.Proceed, valid => valid.TakeChildrenIn().TransitionTo(Queued))
                .Case(Verdict.Block, early => early.TakeChildrenIn().TransitionTo(Blocked).AskDependencies())
                .Case(Verdict.Reject, invalid => invalid.TransitionTo(Rejected)));

        During(Queued,
            When(Allocated).Judge((saga, message, policy) => Verdicts.OfAllocation(saga, message, policy.Options.OfferTimeout, policy.Options.Retry))
                .Case(Verdict.Proceed, current => current.Offer().TransitionTo(Offered))
                .Case(Verdict.Wait, silent => silent.TransitionTo(Blocked))
                .Case(Verdict.Refused, stale => stale.GiveBack()),
            When(RoomAwaited).Judge((saga, message, _) => Verdicts.OfWaiting(saga, message))
                .Case(Verdict.Proceed, current => current.Explain())
                .Case(Verdict.Refused, stale => stale.Refuse()),
            When(Denied).Judge((saga, message, _) => Verdicts.OfDenial(saga, message))
                .Case(Verdict.Reject, never => never.TransitionTo(Rejected))
                .Case(Verdict.Refused, stale => stale.Refuse()),
            When(WokenUp).Judge((saga, message, policy) => Verdicts.OfTime(saga, message.Now, policy.Options.Retry))
                .Case(Verdict.Inquire, silence => silence.AskWhoAgain())
                .Case(Verdict.Expire, late => late.TransitionTo(Expired))
                .Case(Verdict.Refused, early => early.Rearm()),
            When(Revoked).Judge((saga, message, _) => Verdicts.OfLossUnheard(saga, message))
                .Case(Verdict.Requeue, gone => gone.BeginAgain())
                .Case(Verdict.Refused, stale => stale.Refuse()));

        During(Offered,
            When(OfferAccepted).Judge((saga, message, _) => Verdicts.OfAcceptance(saga, message))
                .Case(Verdict.Proceed, holder => holder.TransitionTo(Running))
                .Case(Verdict.Refused, other => other.Withdraw()),
            When(OfferRejected).Judge((saga, message, _) => Verdicts.OfRejection(saga, message))
                .Case(Verdict.Requeue, elsewhere => elsewhere.TransitionTo(Queued))
                .Case(Verdict.Wait, full => full.TransitionTo(Blocked))
                .Case(Verdict.Reject, final => final.TransitionTo(Rejected))
                .Case(Verdict.Refused, stale => stale.Refuse()));

        // A result may overtake the acceptance, or come instead of it; so a task that is on offer hears everything that a running one hears.
        During(Offered, Running, InputRequired,
            When(Finished)
                .If(context => ImpliesAcceptance(context.Saga, context.Message), early => early.TransitionTo(Running))
                .Judge((saga, message, policy) => Verdicts.OfResult(saga, message, policy.Options.Retry).OrPause(saga))
                .Case(Verdict.Complete, done => done.TransitionTo(Completed))
                .Case(Verdict.Wait, again => again.TransitionTo(Blocked))
                .Case(Verdict.Fail, given => given.TransitionTo(Failed))
                .Case(Verdict.Pause, instead => instead.LetGo().TransitionTo(Paused))
                .Case(Verdict.Expire, late => late.TransitionTo(Expired))
                .Case(Verdict.Refused, stale => stale.Refuse()),
            When(CancelRequested).Obey((saga, message, policy) => Verdicts.OfCancel(saga, message, policy.Options.CancelGrace))
                .Case(Verdict.Stop, busy => busy.TellAgent().Enter(TaskPhase.Cancelling))
                .Case(Verdict.Cancel, idle => idle.TransitionTo(Cancelled))
                .Case(Verdict.Refused, again => again.If(context => context.Saga.Phase == TaskPhase.Cancelling.Word(), told => told.TellAgent())),
            When(Stopped).Judge((saga, message, policy) => ReportVerdicts.OfStop(saga, message, policy.Options.PauseGrace))
                .Case(Verdict.Cancel, stopped => stopped.TransitionTo(Cancelled))
                .Case(Verdict.Pause, rests => rests.KeepToken().TransitionTo(Paused))
                .Case(Verdict.Proceed, heard => heard.NoteReached().Rearm())
                .Case(Verdict.Requeue, tooLate => tooLate.KeepToken().TransitionTo(Queued))
                .Case(Verdict.Refused, stale => stale.Refuse()),
            When(WokenUp).Judge((saga, message, policy) => Verdicts.OfTime(saga, message.Now, policy.Options.Retry))
                .Case(Verdict.Expire, late => late.WithdrawFromAgent("EXPIRED").TransitionTo(Expired))
                .Case(Verdict.Requeue, silent => silent.WithdrawFromAgent("AGENT_SILENT").TransitionTo(Queued))
                .Case(Verdict.Fail, tooOften => tooOften.WithdrawFromAgent("AGENT_SILENT").TransitionTo(Failed))
                .Case(Verdict.Cancel, grace => grace.WithdrawFromAgent("CANCELLED").TransitionTo(Cancelled))
                .Case(Verdict.Pause, grace => grace.TakeAway("PAUSED").TransitionTo(Paused))
                .Case(Verdict.GiveUp, deaf => deaf.LetGo().Enter(TaskPhase.None))
                .Case(Verdict.Refused, early => early.Rearm()),
            When(Allocated).GiveBack(),
            Ignore(Denied));

        During(Offered, Running,
            When(Revoked).Judge((saga, message, policy) => Verdicts.OfLoss(saga, message, policy.Options.Retry).OrPause(saga))
                .Case(Verdict.Requeue, lost => lost.WithdrawFromAgent("AGENT_LOST").TransitionTo(Queued))
                .Case(Verdict.Fail, tooOften => tooOften.TransitionTo(Failed))
                .Case(Verdict.Pause, instead => instead.TakeAway("AGENT_LOST").TransitionTo(Paused))
                .Case(Verdict.Cancel, gone => gone.TransitionTo(Cancelled))
                .Case(Verdict.Refused, stale => stale.Refuse()));

        During([Running, InputRequired],
            When(OfferAccepted).Withdraw(),
            When(OfferRejected).Refuse((saga, message) => Fencing.ForAnswer(saga, message.AgentId, message.Attempt)));

        During(Blocked,
            When(Allocated).GiveBack(),
            Ignore(Denied),
            Ignore(Revoked));

        Control();

        During([Completed, Failed, Cancelled, Rejected, Expired],
            When(Allocated).GiveBack(),
            Ignore(Denied),
            Ignore(Revoked),
            Ignore(WokenUp));

        // Nobody holds the task: whoever speaks as its agent is late, and is told to stop if it may still be working.
        During([Queued, Blocked, Completed, Failed, Cancelled, Rejected, Expired],
            When(OfferAccepted).Withdraw());
        During([Queued, Blocked, Paused, Completed, Failed, Cancelled, Rejected, Expired],
            When(OfferRejected).Refuse((saga, message) => Fencing.ForAnswer(saga, message.AgentId, message.Attempt)),
            When(Finished).Refuse((saga, message) => Fencing.ForResult(saga, message.ExecutorAgentId, message.Attempt)),
            When(Stopped).Refuse((saga, message) => Fencing.ForHolder(saga, message.AgentId ?? "", message.Attempt ?? 0)));

        // Why it waited, told when it waits no more.
        During([Offered, Running, Paused, InputRequired, Blocked, Completed, Failed, Cancelled, Rejected, Expired],
            Ignore(RoomAwaited));

        // A submitter may say it again; the first one counts.
        During([Submitted, Blocked, Queued, Offered, Running, Paused, InputRequired, Completed, Failed, Cancelled, Rejected, Expired],
            Ignore(SubmitRequested));

        DeclareDependencies();
        DeclareGroups();

        WhenEnter(Submitted, entering => entering.RecordTransition(TaskPhase.Validating));
        WhenEnter(Queued, entering => entering.BeginAttempt().RecordTransition());
        WhenEnter(Offered, entering => entering.RecordTransition());
        WhenEnter(Paused, entering => entering.Rest().RecordTransition());
        WhenEnter(InputRequired, entering => entering.RecordTransition());
        WhenEnter(Running, entering => entering.TellOfStart().RecordTransition());
        WhenEnter(Blocked, entering => entering.ReleaseRoom().RecordWait());
        foreach (var end in new[] { Completed, Failed, Cancelled, Rejected, Expired })
        {
            WhenEnter(end, entering => entering.ReleaseRoom().TellOfEnd().Finish().RecordTransition());
        }
    }

    /// <summary>Just accepted; validation follows within the same step, so nobody ever rests here.</summary>
    public State<TaskSaga> Submitted { get; }

    /// <summary>
    /// Waits for other tasks, for its time, out a back-off, or is held. The sweeper moves it on at <see cref="TaskSaga.WakeAt"/> or asks
    /// again, or an operator does.
    /// </summary>
    public State<TaskSaga> Blocked { get; }

    /// <summary>Waits for the ResourceManager to find room. Rescued by the deadline, else it waits as long as it takes.</summary>
    public State<TaskSaga> Queued { get; }

    /// <summary>Waits for the agent's answer. Rescued by the offer timeout.</summary>
    public State<TaskSaga> Offered { get; }

    /// <summary>The agent works and reports. Rescued by its lease (resource.revoked), the deadline, and the grace time of a cancel.</summary>
    public State<TaskSaga> Running { get; }

    /// <summary>Terminal; nobody acts next.</summary>
    public State<TaskSaga> Completed { get; }

    /// <summary>Terminal; nobody acts next.</summary>
    public State<TaskSaga> Failed { get; }

    /// <summary>Terminal; nobody acts next.</summary>
    public State<TaskSaga> Cancelled { get; }

    /// <summary>Terminal; nobody acts next.</summary>
    public State<TaskSaga> Rejected { get; }

    /// <summary>Terminal; nobody acts next.</summary>
    public State<TaskSaga> Expired { get; }

    /// <summary><c>task.submit</c>.</summary>
    public Event<SubmitTask> SubmitRequested { get; private set; } = null!;

    /// <summary><c>resource.allocated</c>.</summary>
    public Event<ResourcesAllocated> Allocated { get; private set; } = null!;

    /// <summary><c>resource.waiting</c>.</summary>
    public Event<ResourcesWaiting> RoomAwaited { get; private set; } = null!;

    /// <summary><c>resource.denied</c>.</summary>
    public Event<ResourcesDenied> Denied { get; private set; } = null!;

    /// <summary><c>resource.revoked</c>.</summary>
    public Event<ResourcesRevoked> Revoked { get; private set; } = null!;

    /// <summary><c>task.accepted</c>.</summary>
    public Event<TaskAccepted> OfferAccepted { get; private set; } = null!;

    /// <summary><c>task.rejected</c>.</summary>
    public Event<TaskRejected> OfferRejected { get; private set; } = null!;

    /// <summary><c>task.result</c>.</summary>
    public Event<TaskResult> Finished { get; private set; } = null!;

    /// <summary><c>task.control.ack</c> from the agent.</summary>
    public Event<ControlAcknowledged> Stopped { get; private set; } = null!;

    /// <summary>The sweeper's wake-up.</summary>
    public Event<TaskDue> WokenUp { get; private set; } = null!;

    private static bool ImpliesAcceptance(TaskSaga saga, TaskResult result) =>
        saga.State == TaskState.Offered.Word() && Fencing.ForResult(saga, result.ExecutorAgentId, result.Attempt) is null;

    private void Correlate()
    {
        Event(() => SubmitRequested, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)));
        Event(() => Allocated, e =>
        {
            _ = e.CorrelateById(context => TaskKey.Of(context.Message.TaskId));
            _ = e.OnMissingInstance(missing => missing.ExecuteAsync(context => context.Send(
                Endpoints.Address(Endpoints.Allocations),
                new ReleaseResources { TaskId = context.Message.TaskId, Attempt = context.Message.Attempt })));
        });
        Event(() => RoomAwaited, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
        Event(() => Denied, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
        Event(() => Revoked, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
        Event(() => Preempted, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
        Event(() => OfferAccepted, e =>
        {
            _ = e.CorrelateById(context => TaskKey.Of(context.Message.TaskId));
            _ = e.OnMissingInstance(missing => missing.ExecuteAsync(context => context.Send(
                Endpoints.Address(Endpoints.AgentControl(context.Message.AgentId)),
                new TaskWithdrawn
                {
                    TaskId = context.Message.TaskId,
                    Attempt = context.Message.Attempt,
                    Reason = RefusalReason.UnknownTask.Word(),
                })));
        });
        Event(() => OfferRejected, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
        Event(() => Finished, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
        Event(() => Stopped, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
        Event(() => WokenUp, e => e.CorrelateById(context => context.Message.SagaId).OnMissingInstance(m => m.Discard()));
    }
}
