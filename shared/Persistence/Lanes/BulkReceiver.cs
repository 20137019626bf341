using System.Buffers;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using MassTransit;
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
    private const string ContentType = "application/vnd.masstransit+json";

    private readonly Lazy<IReceiveEndpointDispatcher> _pipeline =
        new(() => pipeline(services.GetRequiredService<IReceiveEndpointDispatcherFactory>()));

    /// <summary>Takes one bulk.</summary>
    public Task Take(ConsumeContext<Bulk> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Task.WhenAll(context.Message.Entries.Select(entry => Dispatch(entry, context)));
    }

    private async Task Dispatch(BulkEntry entry, ConsumeContext<Bulk> context)
    {
        // Off the synchronous path: the entries shall run beside each other from their first step on.
        await Task.Yield();
        try
        {
            await _pipeline.Value.Dispatch(Envelope(entry), Headers(entry), context.CancellationToken).ConfigureAwait(false);
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

    private static Dictionary<string, object> Headers(BulkEntry entry)
    {
        var headers = new Dictionary<string, object>(StringComparer.Ordinal) { ["Content-Type"] = ContentType };
        if (entry.TraceParent is { } trace) { headers["MT-Activity-Id"] = trace; }
        return headers;
    }

    private static byte[] Envelope(BulkEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString("messageId", entry.MessageId);
            if (entry.ConversationId is { } conversation) { json.WriteString("conversationId", conversation); }
            json.WriteStartArray("messageType");
            json.WriteStringValue(entry.Urn);
            json.WriteEndArray();
            json.WritePropertyName("message");
            entry.Body.WriteTo(json);
            json.WriteStartObject("headers");
            if (entry.TraceParent is { } trace) { json.WriteString("MT-Activity-Id", trace); }
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    [LoggerMessage(LogLevel.Warning, "message {MessageId} ({Urn}) failed in its bulk and goes on alone")]
    private static partial void LogAlone(ILogger log, Exception exception, Guid messageId, string urn);
}
