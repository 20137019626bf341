using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Scheduler.Tasks;
using MassTransit;

namespace A2A.Micro.Scheduler.Control;

/// <summary>
/// A more urgent task wants the room of this one, which allowed it. The way is that of a pause: the agent saves a checkpoint and stops. But the task
/// does not rest then, it stands in the line again. Pure.
/// </summary>
public static class PreemptionVerdicts
{
    /// <summary>After so many the task is not offered to others any more, so that it comes to an end.</summary>
    public const int Most = 3;

    /// <summary>Why a task that was preempted waits.</summary>
    public const string Code = "PREEMPTED";

    /// <summary>What the wish means where the task stands. One that is ending or pausing gives its room back anyway.</summary>
    public static Judgement Of(TaskSaga saga, PreemptAttempt wish, TimeSpan silence)
    {
        if (!Fencing.IsCurrent(saga, wish.Attempt) || !saga.HoldsRoom) { return Judgement.No(RefusalReason.StaleAttempt); }
        var cause = new Cause { Code = Code, Reason = wish.Reason };
        return ControlVerdicts.Place(saga) switch
        {
            (_, not TaskPhase.None) => Judgement.No(RefusalReason.Repeated),
            (TaskState.Offered, _) => new(Verdict.Requeue) { Cause = cause },
            (TaskState.Running, _) => new(Verdict.Stop) { Cause = cause, WakeIn = silence },
            _ => new(Verdict.Proceed) { Cause = cause },
        };
    }

    /// <summary>Why it stands in the line again.</summary>
    public static Cause Preempted(TaskSaga saga) => new()
    {
        Code = Code,
        Reason = saga.Commands.LastOrDefault(note => note.Name == CommandLedger.Preempt)?.Detail ?? "a more urgent task has its room",
    };

    /// <summary>What is asked for in the next attempt: one that was preempted often enough keeps its room.</summary>
    public static PlacementRule? Placement(PlacementRule? asked, IReadOnlyList<CommandNote> notes)
    {
        if (asked is not { Preemptible: true } || CommandLedger.Preemptions(notes) < Most) { return asked; }
        var firm = asked with { Preemptible = null };
        return firm.IsOpen ? null : firm;
    }

    /// <summary>Written down among the commands, under an id that no client can have given.</summary>
    internal static CommandNote Note(PreemptAttempt wish, CommandStatus status, DateTimeOffset now) => new()
    {
        Id = CommandId(wish),
        Name = CommandLedger.Preempt,
        Status = status,
        Detail = wish.Reason,
        At = now,
    };

    internal static string CommandId(PreemptAttempt wish) => $"{CommandLedger.Preempt} {wish.Attempt}";
}

/// <summary>The verbs of preemption.</summary>
internal static class PreemptionSteps
{
    extension(EventActivityBinder<TaskSaga, PreemptAttempt> step)
    {
        /// <summary>It counts as one that is under way, or as done.</summary>
        public EventActivityBinder<TaskSaga, PreemptAttempt> NotePreemption(CommandStatus status) => step.Then(context =>
            context.Saga.Commands = CommandLedger.With(
                context.Saga.Commands, PreemptionVerdicts.Note(context.Message, status, TaskSteps.Policy(context).Now)));

        /// <summary>The agent saves a checkpoint and stops; its room is not kept for it.</summary>
        public EventActivityBinder<TaskSaga, PreemptAttempt> TellAgentToMakeRoom() => step.LetGo().ThenAsync(context =>
            TaskSteps.Say(context, Contracts.Wire.Endpoints.AgentControl(context.Saga.AgentId!), new PauseTask
            {
                TaskId = context.Saga.TaskId,
                CommandId = PreemptionVerdicts.CommandId(context.Message),
                Attempt = context.Saga.Attempt,
                Reason = context.Message.Reason,
            }));
    }
}
