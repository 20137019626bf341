using MassTransit;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Stands round every consumer and all its retries. What leaves it fits the headers of an error queue: an exception with a long text
/// is logged in full, once, and goes on as <see cref="TruncatedException"/> (reliability 1.1). And what never returns is left to itself when the
/// connection has gone by which its message came: the broker gives the message to the next, and a queue comes back only when nobody works on what it had.
/// </summary>
public sealed class ConsumerGuard(ILogger<ConsumerGuard> log, TimeProvider clock) : IFilter<ConsumeContext>
{
    // For whoever hears that its delivery is void; a publish whose connection breaks may never return, whatever its token says.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    /// <summary>Longest text of an exception that passes as it is, in characters; stack and inner exceptions count.</summary>
    public const int TextMax = 2000;

    /// <inheritdoc />
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        try
        {
            var work = next.Send(context);
            await (work.IsCompleted ? work : UntilVoid(work, context)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && IsLong(e))
        {
            ConsumerGuardLog.LongFault(log, e, context.MessageId, context.ReceiveContext.InputAddress);
            throw new TruncatedException(Shorten(e));
        }
    }

    /// <inheritdoc />
    public void Probe(ProbeContext context) => context.CreateFilterScope("consumer-guard");

    /// <summary>Whether the messages of the exception and of all its inner ones are together over <see cref="TextMax"/>.</summary>
    public static bool IsLong(Exception exception)
    {
        var length = 0;
        for (var e = exception; e is not null && length <= TextMax; e = e.InnerException) { length += e.Message.Length; }
        return length > TextMax || (exception.StackTrace?.Length ?? 0) > StackMax;
    }

    /// <summary>Type and beginning of the text, at most <see cref="TextMax"/> characters and never half a character.</summary>
    public static string Shorten(Exception exception)
    {
        const string end = " ... (cut; the log has it all)";
        var text = exception.GetType().FullName + ": " + exception.Message;
        if (text.Length <= TextMax) { return text; }
        var cut = TextMax - end.Length;
        return text[..(char.IsHighSurrogate(text[cut - 1]) ? cut - 1 : cut)] + end;
    }

    private const int StackMax = 32 * 1024;

    private async Task UntilVoid(Task work, ConsumeContext context)
    {
        try
        {
            await work.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!work.IsCompleted)
        {
            try
            {
                await work.WaitAsync(Grace, clock).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!work.IsCompleted)
            {
                ConsumerGuardLog.LeftBehind(log, context.MessageId, context.ReceiveContext.InputAddress);
                _ = work.ContinueWith(static late => late.Exception, CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                throw new OperationCanceledException(context.CancellationToken);
            }
        }
    }
}

internal static partial class ConsumerGuardLog
{
    [LoggerMessage(1001, LogLevel.Error,
        "Message {MessageId} on {Endpoint} failed with a text too long for an error queue; this is all of it")]
    public static partial void LongFault(ILogger log, Exception exception, Guid? messageId, Uri endpoint);

    [LoggerMessage(1002, LogLevel.Warning, "Message {MessageId} on {Endpoint} was void and its consumer did not return; it is left to itself")]
    public static partial void LeftBehind(ILogger log, Guid? messageId, Uri endpoint);
}
