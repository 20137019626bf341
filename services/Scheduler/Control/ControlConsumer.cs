using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using MassTransit;

namespace A2A.Micro.Scheduler.Control;

/// <summary>Answers the commands that this version does not carry out: none may go without an ack or a reject (requirements 22, 23).</summary>
public sealed class ControlConsumer : IConsumer<PauseTask>, IConsumer<ResumeTask>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<PauseTask> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.RespondAsync(Unsupported(context.Message.CommandId, context.Message.TaskId));
    }

    /// <inheritdoc />
    public Task Consume(ConsumeContext<ResumeTask> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.RespondAsync(Unsupported(context.Message.CommandId, context.Message.TaskId));
    }

    private static ControlRejected Unsupported(string commandId, string taskId) => new()
    {
        CommandId = commandId,
        Reason = ErrorKind.UnsupportedRequest.Code,
        TaskId = taskId,
    };
}
