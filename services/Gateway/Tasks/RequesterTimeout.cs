using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Control;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// What happens when a submitter has waited as long as it wanted to (task guide, "requester timeout"): the task goes on, or it is
/// cancelled. Cancelling twice is cancelling once: the command's id is made of the task's.
/// </summary>
public sealed class RequesterTimeout(Commands commands, IOptions<GatewayOptions> options)
{
    /// <summary>Whether the caller wants the task cancelled.</summary>
    /// <param name="word"><c>continue</c> (also when absent) or <c>cancel</c>.</param>
    /// <param name="wait">How long the caller waits.</param>
    /// <exception cref="ProtocolException">Another word, or nothing to wait for.</exception>
    public static bool Cancels(string? word, int? wait) => word switch
    {
        null or "continue" => false,
        "cancel" when wait is > 0 => true,
        "cancel" => throw Wrong("cancel needs a time to wait: ?wait=30&on_timeout=cancel"),
        _ => throw Wrong("continue or cancel"),
    };

    /// <summary>Gives the cancel as a command of its own; false when it was refused, or could not be stored.</summary>
    public async Task<bool> Cancel(string taskId, int waited, CancellationToken cancellation)
    {
        var commandId = TaskKey.FromName("requester timeout\n" + taskId).ToString("n");
        var cancel = new CancelTask
        {
            TaskId = taskId,
            CommandId = commandId,
            Reason = $"the requester waited {waited} s and wants it no longer",
        };
        try
        {
            var receipts = await commands.Accept([commands.New("cancel", taskId, commandId, cancel)], cancellation).ConfigureAwait(false);
            var row = await commands.Wait(receipts[0].Row, options.Value.AnswerTimeout, final: false, cancellation).ConfigureAwait(false);
            return row.Status != CommandState.Rejected;
        }
        catch (ProtocolException)
        {
            // The task is accepted; that it could not be stopped now is said in the receipt, and the caller may cancel it itself.
            return false;
        }
    }

    private static ProtocolException Wrong(string detail) => new(
        ErrorKind.Validation, "on_timeout says what happens when the wait is over.",
        new FieldError("#/query/on_timeout", detail, ErrorKind.Validation.Code));
}
