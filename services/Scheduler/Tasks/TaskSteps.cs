using System.Diagnostics;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.Scheduler.Control;
using A2A.Micro.Scheduler.Groups;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>The verbs of the task's life: each changes the saga or says one thing.</summary>
internal static class TaskSteps
{
    private const int LinesMax = 50;

    extension<T>(EventActivityBinder<TaskSaga, T> step) where T : class
    {
        /// <summary>Decides what the message means and notes it in the saga; the cases that follow carry it out.</summary>
        public EventActivityBinder<TaskSaga, T> Judge(Func<TaskSaga, T, TaskPolicy, Judgement> decide) =>
            step.Then(context => Apply(context.Saga, decide(context.Saga, context.Message, Policy(context)), Policy(context)));

        /// <summary>Carries out one verdict.</summary>
        public EventActivityBinder<TaskSaga, T> Case(
            Verdict verdict, Func<EventActivityBinder<TaskSaga, T>, EventActivityBinder<TaskSaga, T>> then) =>
            step.If(context => context.Saga.Judgement?.Verdict == verdict, binder => then(binder));

        /// <summary>The agent of the current attempt stops without reporting.</summary>
        public EventActivityBinder<TaskSaga, T> WithdrawFromAgent(string reason) =>
            step.ThenAsync(context => context.Saga.AgentId is { } agent
                ? Say(context, Endpoints.AgentControl(agent), new TaskWithdrawn
                {
                    TaskId = context.Saga.TaskId,
                    Attempt = context.Saga.Attempt,
                    Reason = reason,
                })
                : Task.CompletedTask);
    }

    extension(EventActivityBinder<TaskSaga, SubmitTask> step)
    {
        public EventActivityBinder<TaskSaga, SubmitTask> Remember() => step.Then(context =>
        {
            var (now, seals) = (Policy(context).Now, Policy(context).Seals);
            var task = seals.Taken(TaskRules.Normalise(context.Message, context.Message.CreatedAt ?? now));
            var saga = context.Saga;
            saga.TaskId = task.TaskId;
            saga.Task = task;
            saga.Deadline = task.Deadline;
            saga.CreatedAt = now;
            saga.Checkpoint = TaskRules.IsToken(task.ResumeToken) ? task.ResumeToken : null;
            // Somebody who waits for it may have made the row; its story is told in the trace of its submission.
            saga.TraceParent = Activity.Current?.Id ?? saga.TraceParent;
        });
    }

    extension(EventActivityBinder<TaskSaga, ResourcesAllocated> step)
    {
        public EventActivityBinder<TaskSaga, ResourcesAllocated> Offer() => step.ThenAsync(async context =>
        {
            var (saga, policy, asked) = (context.Saga, Policy(context), context.Saga.Asked);
            saga.AgentId = context.Message.AgentId;
            var seal = await policy.Seals.For(asked.Seal, context.Message.AgentId, saga.Attempt, context.CancellationToken).ConfigureAwait(false);
            await context.Say(Endpoints.Agent(context.Message.AgentId), new OfferTask
            {
                TaskId = saga.TaskId,
                Attempt = saga.Attempt,
                AgentId = context.Message.AgentId,
                TaskType = asked.TaskType,
                Parameters = asked.Parameters,
                Seal = seal,
                Metadata = AttemptMetadata.Of(asked.Metadata, saga.Attempt, saga.Notes),
                Priority = asked.Priority,
                Deadline = saga.Deadline,
                Requirements = asked.Requirements,
                GpuIds = context.Message.GpuIds,
                RequesterAgentId = asked.RequesterAgentId,
                ResumeToken = saga.Checkpoint,
                Inputs = saga.Inputs is { } inputs ? JsonElement.Parse(inputs) : null,
                Grant = policy.Grants.For(saga, policy.Now),
                OfferedUntil = policy.Now + policy.Options.OfferTimeout,
            }, policy.Options.OfferTimeout, context.Message.TakesBulk == true).ConfigureAwait(false);
        });

        /// <summary>Room that came for an attempt which needs it no more.</summary>
        public EventActivityBinder<TaskSaga, ResourcesAllocated> GiveBack() => step.ThenAsync(context =>
            Fencing.IsCurrent(context.Saga, context.Message.Attempt) && context.Saga.HoldsRoom
                ? Task.CompletedTask
                : Release(context, context.Message.Attempt));
    }

    extension(EventActivityBinder<TaskSaga, CancelTask> step)
    {
        public EventActivityBinder<TaskSaga, CancelTask> TellAgent() => step.ThenAsync(context =>
        {
            // Told again when a second cancel comes; the agent knows the first command and answers it.
            context.Saga.CommandId = context.Message.CommandId;
            context.Saga.CancelReason ??= context.Message.Reason;
            return Say(context, Endpoints.AgentControl(context.Saga.AgentId!), context.Message with { Attempt = context.Saga.Attempt });
        });
    }

    extension(EventActivityBinder<TaskSaga, TaskAccepted> step)
    {
        /// <summary>An agent that started what is no longer its own stops.</summary>
        public EventActivityBinder<TaskSaga, TaskAccepted> Withdraw() => step.ThenAsync(context =>
        {
            var refusal = Fencing.ForAnswer(context.Saga, context.Message.AgentId, context.Message.Attempt) ?? RefusalReason.Repeated;
            // The holder's own answer, delivered again, or crossing a cancel that is already on its way to it.
            var isHolder = context.Message.AgentId == context.Saga.AgentId && context.Message.Attempt == context.Saga.Attempt
                && !WireWord.Parse<TaskState>(context.Saga.State).IsTerminal();
            return isHolder
                ? Task.CompletedTask
                : Say(context, Endpoints.AgentControl(context.Message.AgentId), new TaskWithdrawn
                {
                    TaskId = context.Message.TaskId,
                    Attempt = context.Message.Attempt,
                    Reason = refusal.Word(),
                });
        });
    }

    extension<T>(EventActivityBinder<TaskSaga, T> step) where T : class
    {
        /// <summary>Something is under way beside the state; the state itself stays.</summary>
        public EventActivityBinder<TaskSaga, T> Enter(TaskPhase phase) => step.ThenAsync(context =>
        {
            context.Saga.Phase = phase.Word();
            return Record(context);
        });

        /// <summary>The same state, with a reason that readers see.</summary>
        public EventActivityBinder<TaskSaga, T> Explain() => step.ThenAsync(Record);

        /// <summary>Woken too early: the alarm is set again.</summary>
        public EventActivityBinder<TaskSaga, T> Rearm() => step.Then(context => context.Saga.DueAt = Earlier(context.Saga.Deadline, context.Saga.WakeAt));

        /// <summary>Writes down that a report changed nothing, and why (G3).</summary>
        public EventActivityBinder<TaskSaga, T> Refuse() => step.Then(context =>
            Note(context, context.Saga.Judgement?.Refusal ?? RefusalReason.AlreadyTerminal));

        /// <summary>Writes down a report of somebody who no longer, or never, held the task.</summary>
        public EventActivityBinder<TaskSaga, T> Refuse(Func<TaskSaga, T, RefusalReason?> fence) => step.Then(context =>
            Note(context, fence(context.Saga, context.Message) ?? RefusalReason.Repeated));
    }

    extension(EventActivityBinder<TaskSaga> entering)
    {
        /// <summary>Queued: the next attempt asks for room, after the last one gave its own back.</summary>
        public EventActivityBinder<TaskSaga> BeginAttempt() => entering.ThenAsync(BeginAttempt);

        /// <summary>What the current attempt holds, or has asked for, is given back exactly once.</summary>
        public EventActivityBinder<TaskSaga> ReleaseRoom() => entering.ThenAsync(GiveRoomBack);

        /// <summary>Every state change: number it, publish it, set the next alarm.</summary>
        public EventActivityBinder<TaskSaga> RecordTransition(TaskPhase phase = TaskPhase.None) => entering.ThenAsync(context =>
        {
            context.Saga.Phase = phase.Word();
            return Record(context);
        });

        /// <summary>Blocked: out a back-off, or for something or somebody else, as was judged.</summary>
        public EventActivityBinder<TaskSaga> RecordWait() => entering.ThenAsync(context =>
        {
            var waits = context.Saga.Held || context.Saga.Judgement?.Verdict == Verdict.Block;
            context.Saga.Phase = (waits ? TaskPhase.None : TaskPhase.RetryWait).Word();
            return Record(context);
        });

        /// <summary>A terminal state: nothing wakes it any more.</summary>
        public EventActivityBinder<TaskSaga> Finish() => entering.Then(context =>
        {
            context.Saga.WakeAt = null;
            context.Saga.DueAt = null;
            var policy = Policy(context);
            context.Saga.ExpiresAt = policy.Now
                + (context.Saga.State == TaskState.Completed.Word() ? policy.Options.KeepCompleted : policy.Options.KeepOthers);
            policy.Metrics.Finished(context.Saga, policy.Now);
        });
    }

    /// <summary>The next attempt asks for room, after the last one gave its own back.</summary>
    public static async Task BeginAttempt(BehaviorContext<TaskSaga> context)
    {
        await GiveRoomBack(context).ConfigureAwait(false);
        var (saga, asked) = (context.Saga, context.Saga.Asked);
        TaskClock.Start(saga, Policy(context).Now);
        saga.Attempt++;
        saga.AgentId = null;
        if (GroupRules.IsGroup(asked))
        {
            await GroupSteps.AskWho(context).ConfigureAwait(false);
            return;
        }

        saga.HoldsRoom = true;
        if (saga.Attempt > 1) { Policy(context).Metrics.Retried(saga.Cause.Code ?? "retry"); }
        await Say(context, Endpoints.Allocations, AllocateResources.For(asked, saga.Attempt, saga.CreatedAt, saga.Deadline) with
        {
            ExcludedAgents = saga.ExcludedAgents,
            AvoidAgent = saga.AvoidAgent,
            Placement = PreemptionVerdicts.Placement(asked.Placement(), saga.Commands),
        }).ConfigureAwait(false);
    }

    /// <summary>Room that is held or asked for is given back exactly once.</summary>
    public static Task GiveRoomBack(BehaviorContext<TaskSaga> context)
    {
        if (!context.Saga.HoldsRoom) { return Task.CompletedTask; }
        context.Saga.HoldsRoom = false;
        return Release(context, context.Saga.Attempt, context.Saga.Judgement?.Outcome);
    }

    /// <summary>What a decision changes in the saga, whatever its verdict.</summary>
    public static void Apply(TaskSaga saga, Judgement judgement, TaskPolicy policy)
    {
        saga.Judgement = judgement;
        if (judgement.Verdict == Verdict.Refused) { return; }
        saga.Settled = judgement.Settled ?? saga.Settled;
        // Asking for more changes nothing, and above all not the alarm.
        if (judgement.Verdict == Verdict.Inquire) { return; }
        if (judgement.Depth is { } depth) { (saga.Depth, saga.RootId, saga.Task) = (depth, judgement.RootId, policy.Seals.AtHome(saga.Task, judgement.Seal)); }
        if (judgement.Metadata is { } metadata) { saga.Amendment = (saga.Amendment ?? new TaskAmendment()).Then(new TaskAmendment { Metadata = metadata }); }
        saga.Members = judgement.Members ?? saga.Members;
        saga.AgentId = judgement.Winner ?? saga.AgentId;
        saga.SparesChildren |= judgement.SparesChildren;
        saga.Cause = judgement.Cause;
        saga.WakeAt = judgement.WakeIn is { } wait ? WholeMilliseconds(policy.Now + wait) : null;
        saga.Failures += judgement.IsFailure ? 1 : 0;
        saga.Losses += judgement.IsLoss ? 1 : 0;
        saga.AvoidAgent = judgement.Avoid ?? saga.AvoidAgent;
        if (judgement.Exclude is { } agent) { saga.ExcludedAgents = [.. saga.ExcludedAgents, agent]; }
        if (judgement.Note is { } note) { saga.Notes = [.. saga.Notes.TakeLast(LinesMax - 1), note]; }
    }

    /// <summary>Numbers the step, publishes it and sets the next alarm; commands that it decides get their final answer.</summary>
    public static async Task Record(BehaviorContext<TaskSaga> context)
    {
        await CommandAnswers.Settle(context).ConfigureAwait(false);
        var (saga, now, cause) = (context.Saga, Policy(context).Now, context.Saga.Cause);
        saga.Sequence++;
        saga.UpdatedAt = now;
        saga.DueAt = SchedulerMetrics.IsTerminal(saga) ? null : Earlier(saga.Deadline, saga.WakeAt);
        saga.Cause = Cause.None;
        await Say(context, Endpoints.Transitions, new TaskTransitioned
        {
            TaskId = saga.TaskId,
            Sequence = saga.Sequence,
            State = WireWord.Parse<TaskState>(saga.State),
            Phase = WireWord.Parse<TaskPhase>(saga.Phase),
            Attempt = saga.Attempt,
            At = now,
            Code = cause.Code,
            Reason = cause.Reason,
            AgentId = saga.AgentId,
            Resources = cause.Resources,
            Task = saga.Sequence == 1 ? saga.Task : null,
            Result = cause.Result,
            ExecutionMetadata = cause.ExecutionMetadata,
            Error = cause.Error,
            Amendment = cause.Amendment,
            Question = saga.State == TaskState.InputRequired.Word() ? saga.Question : null,
            CommandId = cause.CommandId,
            Dependencies = cause.Dependencies,
            Members = cause.Members,
            Needed = cause.Needed,
            TraceId = ActivityContext.TryParse(saga.TraceParent, null, out var trace) ? trace.TraceId.ToHexString() : null,
        }).ConfigureAwait(false);
    }

    /// <summary>Writes down a report that changed nothing (G3).</summary>
    public static void Note<T>(BehaviorContext<TaskSaga, T> context, RefusalReason reason) where T : class => Note(context, reason, typeof(T).Name);

    /// <summary>The same of a report that came before.</summary>
    public static void Note(BehaviorContext<TaskSaga> context, RefusalReason reason, string what)
    {
        context.Saga.Refused = [.. context.Saga.Refused.TakeLast(LinesMax - 1), $"{what} refused: {reason.Word()}"];
        Policy(context).Metrics.Refused(reason.Word());
    }

    private static Task Release(BehaviorContext<TaskSaga> context, int attempt, AttemptOutcome? outcome = null) =>
        Say(context, Endpoints.Allocations, new ReleaseResources { TaskId = context.Saga.TaskId, Attempt = attempt, Outcome = outcome });

    /// <summary>Says one thing to one endpoint.</summary>
    public static Task Say<TMessage>(BehaviorContext<TaskSaga> context, string endpoint, TMessage message) where TMessage : class =>
        context.Say(endpoint, message);

    /// <summary>The wire carries milliseconds; a finer alarm would be judged too early by a message that carries the same instant.</summary>
    public static DateTimeOffset WholeMilliseconds(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond));

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other : other is null || one < other ? one : other;

    /// <summary>Clock, knobs and meters.</summary>
    public static TaskPolicy Policy(BehaviorContext<TaskSaga> context) =>
        context.GetPayload<IServiceProvider>().GetRequiredService<TaskPolicy>();
}
