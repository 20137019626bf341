using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using MassTransit;
using MassTransit.Logging;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>
/// Takes a <see cref="Bulk"/> apart: every entry goes through the ordinary pipeline of its endpoint, all at once, so that they meet in one
/// commit. The delivery is acknowledged when all are done; a crash before that brings them all again, and the inbox knows them by
/// their own ids. An entry that fails goes on alone as a plain message, to be retried and parked like any other.
/// </summary>
public sealed partial class BulkReceiver(Func<IReceiveEndpointDispatcherFactory, IReceiveEndpointDispatcher> pipeline, IServiceProvider services)
{
    private readonly Lazy<IReceiveEndpointDispatcher> _pipeline =
        new(() => pipeline(services.GetRequiredService<IReceiveEndpointDispatcherFactory>()));

    /// <summary>Takes one bulk.</summary>
    public Task Take(ConsumeContext<Bulk> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Take(context.Message.Entries, context);
    }

    /// <summary>Takes these entries of it.</summary>
    internal Task Take(IReadOnlyList<BulkEntry> entries, ConsumeContext<Bulk> context) =>
        entries.Count == 0 ? Task.CompletedTask : Task.WhenAll(entries.Select(entry => Dispatch(entry, context)));

    private async Task Dispatch(BulkEntry entry, ConsumeContext<Bulk> context)
    {
        // Off the synchronous path: the entries shall run beside each other from their first step on.
        await Task.Yield();
        try
        {
            await _pipeline.Value.Dispatch([], Headers(entry)!, context.CancellationToken, entry).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever it is, it concerns this entry alone; the plain message brings it to the error queue
        catch (Exception e) when (!context.CancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogAlone(services.GetRequiredService<ILogger<BulkReceiver>>(), e, entry.MessageId, entry.Urn);
            await SendAlone(entry, context).ConfigureAwait(false);
        }
    }

    private static Task SendAlone(BulkEntry entry, ConsumeContext<Bulk> context)
    {
        var plain = new Outgoing
        {
            Id = entry.MessageId,
            Message = entry.Body.Deserialize(MessageTypes.Find(entry.Urn), WireJson.Options)!,
            Destination = Endpoints.Address(context.ReceiveContext.InputAddress.Segments[^1]),
            TraceParent = entry.TraceParent,
            ConversationId = entry.ConversationId,
        };
        return plain.Send(context.ReceiveContext.SendEndpointProvider, context.ReceiveContext.PublishEndpointProvider,
            context.CancellationToken);
    }

    internal static Dictionary<string, object?> Headers(BulkEntry entry)
    {
        var headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["Content-Type"] = EntryDeserializer.MediaType };
        if (entry.TraceParent is { } trace) { headers[DiagnosticHeaders.ActivityId] = trace; }
        return headers;
    }

    [LoggerMessage(LogLevel.Warning, "message {MessageId} ({Urn}) failed in its bulk and goes on alone")]
    private static partial void LogAlone(ILogger log, Exception exception, Guid messageId, string urn);
}
