using System.Net.Mime;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using MassTransit.Logging;
using MassTransit.Serialization;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>
/// Makes a plain message of a <see cref="BulkEntry"/> without reading its body: what is wrong with it, or of a type that nobody here knows, must
/// reach the queue where it is parked as it came.
/// </summary>
internal sealed class PlainEntry(BulkEntry entry) : IPipe<SendContext<BulkEntry>>, IMessageSerializer
{
    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public Task Send(SendContext<BulkEntry> context)
    {
        context.MessageId = entry.MessageId;
        context.ConversationId = entry.ConversationId;
        context.Serializer = this;
        if (entry.TraceParent is { } trace) { context.Headers.Set(DiagnosticHeaders.ActivityId, trace); }
        return Task.CompletedTask;
    }

    public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class =>
        new BytesMessageBody(JsonSerializer.SerializeToUtf8Bytes(
            new JsonMessageEnvelope
            {
                MessageId = entry.MessageId.ToString(),
                ConversationId = entry.ConversationId?.ToString(),
                DestinationAddress = context.DestinationAddress?.ToString(),
                MessageType = [entry.Urn],
                Message = entry.Body,
                Headers = BulkReceiver.Headers(entry)!,
            },
            SystemTextJsonMessageSerializer.Options));

    public void Probe(ProbeContext context) => context.CreateScope("plain-entry");
}
