using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Control;

/// <summary>What each command means for a task: without clock, bus or database.</summary>
public static class ControlVerdicts
{
    /// <summary>The refusal of a command that was meant for an earlier step; null when it was not. Judged where nothing can come in between.</summary>
    public static Judgement? OfCondition(TaskSaga saga, CommandFacts command)
    {
        ArgumentNullException.ThrowIfNull(saga);
        return command.IfSequence is { } seen && seen != saga.Sequence
            ? Judgement.Object(ErrorKind.PreconditionFailed, "the task has changed since it was read; read it again")
            : null;
    }

    /// <summary>A wish to stop where it can go on from. Only a running task needs its agent for that.</summary>
    public static Judgement OfPause(TaskSaga saga, PauseTask command, TimeSpan silence)
    {
        var (state, phase) = Place(saga);
        var cause = new Cause { Code = CommandLedger.PausedByRequest, Reason = command.Reason };
        return (state, phase) switch
        {
            _ when state.IsTerminal() => Ended(state),
            (_, TaskPhase.Cancelling) => Conflict("the task is being cancelled"),
            (_, TaskPhase.Resuming) => Conflict("the task is being resumed; pause it when it runs"),
            (_, TaskPhase.Pausing) => Judgement.Already(CommandStatus.Accepted),
            (TaskState.Paused, _) => Judgement.Already(CommandStatus.Applied),
            (TaskState.Running, _) when GroupRules.IsGroup(saga.Task) =>
                Conflict("several agents do it at the same time; pause the tasks in its group.members one by one, or cancel it"),
            (TaskState.Running, _) => new(Verdict.Stop) { Answer = CommandStatus.Accepted, WakeIn = silence, Cause = cause },
            _ => new(Verdict.Pause) { Cause = cause },
        };
    }

    /// <summary>A wish to go on: where its room was kept, else anywhere. A failed task that left a token goes on as a new one.</summary>
    public static Judgement OfResume(TaskSaga saga, ResumeTask command, DateTimeOffset now, SchedulerOptions options)
    {
        var (state, phase) = Place(saga);
        var cause = new Cause { Code = "RESUMED", Reason = command.Reason };
        if (command.Checkpoint is { } token && !TaskRules.IsToken(token))
        {
            return Judgement.Object(ErrorKind.TooLarge, "a checkpoint has at most 64 KiB");
        }

        return (state, phase) switch
        {
            (TaskState.Failed, _) when (command.Checkpoint ?? saga.Checkpoint) is null =>
                Conflict("the task left no checkpoint; retry does it again from the start"),
            (TaskState.Failed, _) => Replay(saga, command.CommandId),
            _ when state.IsTerminal() => Ended(state),
            (TaskState.Paused, TaskPhase.Resuming) => Judgement.Already(CommandStatus.Accepted),
            (TaskState.Paused, _) when saga.KeepsRoom =>
                new(Verdict.Resume) { Answer = CommandStatus.Accepted, WakeIn = options.ControlTimeout, Cause = cause },
            (TaskState.Paused, _) => DependencyVerdicts.OfReturn(saga, now, options.DependencyAskAgain, cause),
            _ => Conflict($"the task is {state.Word()}, not paused"),
        };
    }

    /// <summary>A wish that it goes on waiting, whatever it waits for.</summary>
    public static Judgement OfHold(TaskSaga saga, HoldTask command)
    {
        var (state, phase) = Place(saga);
        return state switch
        {
            _ when phase == TaskPhase.Cancelling => Conflict("the task is being cancelled"),
            TaskState.Blocked when saga.Held => Judgement.Already(CommandStatus.Applied),
            TaskState.Queued or TaskState.Blocked or TaskState.Offered =>
                new(Verdict.Hold) { Cause = new Cause { Code = "HELD", Reason = command.Reason } },
            _ when state.IsTerminal() => Ended(state),
            _ => Conflict($"the task is {state.Word()}; a task is held before it starts, and paused after"),
        };
    }

    /// <summary>The end of a hold.</summary>
    public static Judgement OfRelease(TaskSaga saga, ReleaseTask command, DateTimeOffset now, TimeSpan askAgain)
    {
        var (state, _) = Place(saga);
        var cause = new Cause { Code = "RELEASED", Reason = command.Reason };
        return state.IsTerminal() ? Ended(state)
            : saga.Held ? DependencyVerdicts.OfReturn(saga, now, askAgain, cause)
            : DependencyVerdicts.IsHeld(saga) ? DependencyVerdicts.OfRelease(saga, now, askAgain)
            : Conflict("the task is not held");
    }

    /// <summary>A wish for another attempt now, elsewhere where there is an elsewhere.</summary>
    public static Judgement OfRequeue(TaskSaga saga, RequeueTask command)
    {
        var (state, phase) = Place(saga);
        return state switch
        {
            _ when state.IsTerminal() => Ended(state),
            _ when phase is TaskPhase.Cancelling or TaskPhase.Pausing or TaskPhase.Resuming => Conflict($"the task is {phase.Word()}"),
            TaskState.Running when GroupRules.IsGroup(saga.Task) =>
                Conflict("several agents do it at the same time; requeue the tasks in its group.members one by one"),
            TaskState.Paused => Conflict("the task is paused; resume it"),
            TaskState.Blocked when saga.Held => Conflict("the task is held; release it"),
            TaskState.Blocked when phase != TaskPhase.RetryWait => Conflict("the task waits for something else than its turn"),
            _ => new(Verdict.Requeue)
            {
                Avoid = saga.AgentId,
                Note = $"attempt {saga.Attempt} was requeued by an operator",
                Cause = new Cause { Code = "REQUEUED", Reason = command.Reason },
            },
        };
    }

    /// <summary>A wish that what ended is done again.</summary>
    public static Judgement OfRetry(TaskSaga saga, RetryTask command)
    {
        var (state, _) = Place(saga);
        return state.IsTerminal() ? Replay(saga, command.CommandId) : Conflict($"the task is {state.Word()} and has not ended");
    }

    /// <summary>A change of what was asked for; only while nobody works by it.</summary>
    public static Judgement OfAmendment(TaskSaga saga, AmendTask command, DateTimeOffset now)
    {
        var (state, phase) = Place(saga);
        var amendment = (saga.Amendment ?? new TaskAmendment()).Then(command.Amendment);
        var errors = TaskRules.CheckInside(amendment.ApplyTo(saga.Task) with { Deadline = command.Amendment.Deadline }, now);
        if (state.IsTerminal()) { return Ended(state); }
        if (state is not (TaskState.Queued or TaskState.Blocked or TaskState.Paused) || phase == TaskPhase.Resuming)
        {
            return Conflict($"the task is {state.Word()}; it can be changed while it waits");
        }

        if (MetadataRules.Reserved(command.Amendment.Metadata).FirstOrDefault() is { } name)
        {
            return Judgement.Object(ErrorKind.Validation, "#/metadata: " + MetadataRules.Sentence(name));
        }

        if (errors.Count > 0 || command.Amendment.Priority is < 1 or > 4)
        {
            var kind = errors.Count > 0 ? ErrorKind.Find(errors[0].Code) ?? ErrorKind.Validation : ErrorKind.Validation;
            return Judgement.Object(kind, errors.Count > 0 ? $"{errors[0].Pointer}: {errors[0].Detail}" : "#/priority: 1 to 4");
        }

        // In the line it takes a new place with a new claim; elsewhere it is asked for with the next attempt.
        var moves = state == TaskState.Queued && command.Amendment.ChangesPlace();
        return new(moves ? Verdict.Requeue : Verdict.Proceed)
        {
            WakeIn = saga.WakeAt - now,
            Cause = new Cause
            {
                // Who waits for room hears the reason anew; everybody else stays for the reason that it has.
                Code = moves ? "AMENDED" : null,
                Reason = command.Reason,
                Amendment = command.Amendment with { Parameters = null },
            },
        };
    }

    /// <summary>The answer that the agent waits for, or that the next attempt will find.</summary>
    public static Judgement OfInput(TaskSaga saga, ProvideInput command)
    {
        var (state, phase) = Place(saga);
        return state switch
        {
            _ when state.IsTerminal() => Ended(state),
            _ when phase == TaskPhase.Cancelling => Conflict("the task is being cancelled"),
            _ when state != TaskState.InputRequired || saga.Question is null => Conflict($"the task is {state.Word()} and asks nothing"),
            _ when command.Key is { } key && key != saga.Question.Key => Conflict($"the open question is '{saga.Question.Key}'"),
            _ when command.Input.GetRawText().Length > TaskRules.TokenBytesMax || (saga.Inputs?.Length ?? 0) > 4 * TaskRules.TokenBytesMax =>
                Judgement.Object(ErrorKind.TooLarge, "an answer has at most 64 KiB, all of a task's answers 256 KiB"),
            _ => new(saga.AgentId is null ? Verdict.Requeue : Verdict.Proceed) { Cause = new Cause { Code = "INPUT_RECEIVED" } },
        };
    }

    internal static Judgement Ended(TaskState state) => Conflict($"the task is {state.Word()}");

    private static Judgement Replay(TaskSaga saga, string commandId) =>
        new(Verdict.Replay) { NewTaskId = TenantNames.Beside(saga.TaskId, "task-" + TaskKey.FromName($"replay\n{saga.TaskId}\n{commandId}")) };

    private static Judgement Conflict(string detail) => Judgement.Object(ErrorKind.Conflict, detail);

    internal static (TaskState State, TaskPhase Phase) Place(TaskSaga saga) =>
        (WireWord.Parse<TaskState>(saga.State), WireWord.Parse<TaskPhase>(saga.Phase));
}
