using System.Net.Mime;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using MassTransit.Serialization;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>
/// Makes the context of a bulk's entry from what has been read already, so that an entry is not written as an envelope only to be
/// read again. Only <see cref="BulkReceiver"/> dispatches this content type.
/// </summary>
internal sealed class EntryDeserializer : ISerializerFactory, IMessageDeserializer
{
    public const string MediaType = "application/vnd.a2a.bulk-entry";

    private static readonly SystemTextJsonMessageSerializer Json = new();

    public ContentType ContentType { get; } = new(MediaType);

    public IMessageSerializer CreateSerializer() => Json;

    public IMessageDeserializer CreateDeserializer() => this;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        var entry = receiveContext.GetPayload<BulkEntry>();
        var envelope = new JsonMessageEnvelope
        {
            MessageId = entry.MessageId.ToString(),
            ConversationId = entry.ConversationId?.ToString(),
            MessageType = [entry.Urn],
            Message = entry.Body,
            Headers = BulkReceiver.Headers(entry)!,
        };
        return new BodyConsumeContext(receiveContext, new SystemTextJsonSerializerContext(
            Json, SystemTextJsonMessageSerializer.Options, SystemTextJsonMessageSerializer.JsonContentType,
            new EnvelopeMessageContext(envelope, Json), envelope.MessageType, envelope));
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        Json.Deserialize(body, headers, destinationAddress);

    public MessageBody GetMessageBody(string text) => Json.GetMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("bulk-entry");
}
