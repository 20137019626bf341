using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using MassTransit;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// What happens when a submitter has waited as long as it wanted to (task guide, "requester timeout"): the task goes on, or it is
/// cancelled. Cancelling twice is cancelling once: the command's id is made of the task's.
/// </summary>
public sealed class RequesterTimeout(IRequestClient<CancelTask> scheduler, TimeProvider clock, IOptions<GatewayOptions> options)
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

    /// <summary>Asks for the cancel; false when the Scheduler did not take it in time, or the task had ended.</summary>
    public async Task<bool> Cancel(string taskId, int waited, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Value.AnswerTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var answer = await scheduler.GetResponse<ControlAcknowledged, ControlRejected>(
                new CancelTask
                {
                    TaskId = taskId,
                    CommandId = Contracts.Wire.TaskKey.FromName("requester timeout\n" + taskId).ToString("n"),
                    Reason = $"the requester waited {waited} s and wants it no longer",
                }, either.Token).ConfigureAwait(false);
            return answer.Is(out Response<ControlAcknowledged>? _);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is OperationCanceledException or RequestException)
        {
            // The task is accepted; that it could not be stopped now is said in the receipt, and the caller may cancel it itself.
            return false;
        }
    }

    private static ProtocolException Wrong(string detail) => new(
        ErrorKind.Validation, "on_timeout says what happens when the wait is over.",
        new FieldError("#/query/on_timeout", detail, ErrorKind.Validation.Code));
}
