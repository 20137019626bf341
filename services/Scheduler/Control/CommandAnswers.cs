using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Tasks;
using MassTransit;

namespace A2A.Micro.Scheduler.Control;

/// <summary>How commands are answered: to whoever asked and waits for it, and to the record of commands.</summary>
internal static class CommandAnswers
{
    /// <summary>With every step: commands that were under way and are no longer get their final answer.</summary>
    public static async Task Settle(BehaviorContext<TaskSaga> context)
    {
        var saga = context.Saga;
        if (saga.Commands.All(note => note.Status != CommandStatus.Accepted)) { return; }
        var (state, phase) = ControlVerdicts.Place(saga);
        foreach (var open in saga.Commands.Where(note => note.Status == CommandStatus.Accepted).ToArray())
        {
            if (CommandLedger.Settle(open, state, phase, saga.Cause.Code) is not { } settled) { continue; }
            saga.Commands = CommandLedger.Replace(saga.Commands, settled);
            if (settled.Name == CommandLedger.Preempt) { continue; }
            saga.Cause = saga.Cause.CommandId is null ? saga.Cause with { CommandId = settled.Id } : saga.Cause;
            TaskSteps.Policy(context).Metrics.Commanded(settled, TaskSteps.Policy(context).Now);
            await Tell(context, saga.TaskId, settled, respond: false).ConfigureAwait(false);
        }
    }

    /// <summary>A command for a task that nobody knows.</summary>
    public static Task RefuseUnknown<T>(ConsumeContext<T> context) where T : class
    {
        var command = CommandFacts.Of(context.Message);
        return Answer(context, command.TaskId, new CommandNote
        {
            Id = command.Id,
            Name = command.Name,
            Status = CommandStatus.Rejected,
            Code = ErrorKind.NotFound.Code,
            Detail = "there is no such task",
        });
    }

    /// <summary>The answer to a command whose id was used for another one.</summary>
    public static CommandNote Reused(CommandFacts command) => new()
    {
        Id = command.Id,
        Name = command.Name,
        Status = CommandStatus.Rejected,
        Code = ErrorKind.Conflict.Code,
        Detail = "the command_id belongs to another command",
    };

    /// <summary>Answers a command as it stands in the ledger.</summary>
    public static Task Answer<T>(BehaviorContext<TaskSaga, T> context, CommandNote note) where T : class =>
        Answer(context, context.Saga.TaskId, note);

    private static Task Answer(ConsumeContext context, string taskId, CommandNote note) =>
        Tell(context, taskId, note, context.ResponseAddress is not null);

    private static Task Tell(ConsumeContext context, string taskId, CommandNote note, bool respond) => note.Status == CommandStatus.Rejected
        ? Tell(context, new ControlRejected
        {
            CommandId = note.Id,
            Reason = note.Code!,
            TaskId = taskId,
            State = note.State,
            Command = note.Name,
            Detail = note.Detail,
        }, respond)
        : Tell(context, new ControlAcknowledged
        {
            CommandId = note.Id,
            Status = note.Status.Word(),
            TaskId = taskId,
            Command = note.Name,
            Code = note.Code,
            NewTaskId = note.NewTaskId,
        }, respond);

    private static async Task Tell<T>(ConsumeContext context, T word, bool respond) where T : class
    {
        await context.Send(Endpoints.Address(Endpoints.Commands), word).ConfigureAwait(false);
        if (respond) { await context.RespondAsync(word).ConfigureAwait(false); }
    }
}
