using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Audit;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>
/// Takes what lies in an error queue into the record, as it came and without reading it. The message is given up only when it is stored: while the
/// database is away it waits here, and is not sent back and forth. The same message again is the same letter. One that was refused because of who said it
/// is in the audit too, before it is given up.
/// </summary>
internal sealed class LetterCollector(
    string queue, LetterCause cause, IDeadLetterStore store, AuditLog audit, AgentSuspension suspension, GatewayMetrics metrics, TimeProvider clock,
    ILogger<LetterCollector> log) : IFilter<ReceiveContext>
{
    // RabbitMQ's word for a message whose time to live had passed: a request that nobody waits for any more.
    private const string Expired = "expired";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Takes one message. The rest of the pipeline would read it, and is not asked.</summary>
    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in context.TransportHeaders.GetAll()) { headers[header.Key] = header.Value?.ToString() ?? ""; }
        if (cause == LetterCause.Killed && headers.GetValueOrDefault("x-first-death-reason") == Expired) { return; }
        var origin = cause == LetterCause.Killed && headers.TryGetValue("x-first-death-queue", out var first) ? DeadLetterRules.Origin(first) : queue;
        var letter = DeadLetterRules.Read(origin, cause, context.GetBody(), context.ContentType?.ToString(), headers, clock.GetUtcNow());
        await Keep(letter, context.CancellationToken).ConfigureAwait(false);
        if (DeadLetterRules.Breach(letter) is { } breach)
        {
            await audit.Keep(breach, context.CancellationToken).ConfigureAwait(false);
            await suspension.Hear(breach.Actor, context.CancellationToken).ConfigureAwait(false);
        }

        metrics.CountLetter("parked", origin, 1);
        LetterLog.Parked(log, letter.LetterId, letter.MessageType ?? "a message", origin, cause.Word(), letter.TaskId, letter.Reason);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("letter-collector");

    private async Task Keep(DeadLetterRow letter, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await store.Keep(letter, cancellation).ConfigureAwait(false);
                return;
            }
#pragma warning disable CA1031 // whatever it is, the message must not be lost and must not go round in circles
            catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LetterLog.NotKept(log, e, letter.LetterId);
            }

            await Task.Delay(Pause, clock, cancellation).ConfigureAwait(false);
        }
    }
}

internal static partial class LetterLog
{
    [LoggerMessage(3030, LogLevel.Error, "{LetterId}: {MessageType} for {Queue} is a dead letter ({Cause}); task {TaskId}: {Reason}")]
    public static partial void Parked(ILogger log, string letterId, string messageType, string queue, string cause, string? taskId, string? reason);

    [LoggerMessage(3031, LogLevel.Warning, "{LetterId} could not be stored yet; it is kept in hand and tried again")]
    public static partial void NotKept(ILogger log, Exception exception, string letterId);

    [LoggerMessage(3032, LogLevel.Warning, "dead letters could not be worked on; the next round tries again")]
    public static partial void RoundFailed(ILogger log, Exception exception);
}
