using MassTransit;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Stands round every consumer and all its retries. What leaves it fits the headers of an error queue: an exception with a long text
/// is logged in full, once, and goes on as <see cref="TruncatedException"/> (reliability 1.1).
/// </summary>
public sealed class ConsumerGuard(ILogger<ConsumerGuard> log) : IFilter<ConsumeContext>
{
    /// <summary>Longest text of an exception that passes as it is, in characters; stack and inner exceptions count.</summary>
    public const int TextMax = 2000;

    /// <inheritdoc />
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        try
        {
            await next.Send(context).ConfigureAwait(false);
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
}

internal static partial class ConsumerGuardLog
{
    [LoggerMessage(1001, LogLevel.Error,
        "Message {MessageId} on {Endpoint} failed with a text too long for an error queue; this is all of it")]
    public static partial void LongFault(ILogger log, Exception exception, Guid? messageId, Uri endpoint);
}
