using System.Buffers;
using System.Net.Mime;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using MassTransit;
using MassTransit.Metadata;
using MassTransit.Serialization;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Writes MassTransit's envelope, as any of its clients reads it, without a table of members and without those that have nothing to say; the host, which is
/// always the same, is written once for all.
/// </summary>
internal sealed class EnvelopeWriter : IMessageSerializer
{
    private static readonly Lazy<byte[]> Host = new(static () =>
        JsonSerializer.SerializeToUtf8Bytes(HostMetadataCache.Host, SystemTextJsonMessageSerializer.Options));

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class => new Body<T>(context);

    private static byte[] Write(SendContext context, object message)
    {
        const int MostKept = 256 * 1024;
        var options = SystemTextJsonMessageSerializer.Options;
        // Taken while it is used: what a member's converter sends from within begins with its own.
        var buffer = _buffer ?? new ArrayBufferWriter<byte>(4 * 1024);
        _buffer = null;
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = options.Encoder, MaxDepth = options.MaxDepth, SkipValidation = true }))
        {
            json.WriteStartObject();
            Addresses(json, context);
            json.WritePropertyName("messageType"u8);
            json.WriteStartArray();
            foreach (var type in context.SupportedMessageTypes) { json.WriteStringValue(type); }
            json.WriteEndArray();
            json.WritePropertyName("message"u8);
            JsonSerializer.Serialize(json, message, message.GetType(), options);
            Rest(json, context, options);
            json.WriteEndObject();
        }

        var bytes = buffer.WrittenSpan.ToArray();
        buffer.ResetWrittenCount();
        if (buffer.Capacity <= MostKept) { _buffer = buffer; }
        return bytes;
    }

    private static void Addresses(Utf8JsonWriter json, SendContext context)
    {
        Id(json, "messageId"u8, context.MessageId);
        Id(json, "requestId"u8, context.RequestId);
        Id(json, "correlationId"u8, context.CorrelationId);
        Id(json, "conversationId"u8, context.ConversationId);
        Id(json, "initiatorId"u8, context.InitiatorId);
        Address(json, "sourceAddress"u8, context.SourceAddress);
        Address(json, "destinationAddress"u8, context.DestinationAddress);
        Address(json, "responseAddress"u8, context.ResponseAddress);
        Address(json, "faultAddress"u8, context.FaultAddress);
    }

    private static void Rest(Utf8JsonWriter json, SendContext context, JsonSerializerOptions options)
    {
        var sent = context.SentTime ?? TimeProvider.System.GetUtcNow().UtcDateTime;
        if (context.TimeToLive is { } life) { json.WriteString("expirationTime"u8, TimeProvider.System.GetUtcNow().UtcDateTime + life); }
        json.WriteString("sentTime"u8, sent);
        json.WritePropertyName("headers"u8);
        json.WriteStartObject();
        foreach (var (name, value) in context.Headers.GetAll())
        {
            json.WritePropertyName(name);
            if (value is string text) { json.WriteStringValue(text); }
            else { JsonSerializer.Serialize(json, value, options); }
        }

        json.WriteEndObject();
        json.WritePropertyName("host"u8);
        json.WriteRawValue(Host.Value, skipInputValidation: true);
    }

    private static void Id(Utf8JsonWriter json, ReadOnlySpan<byte> name, Guid? id)
    {
        if (id is { } value) { json.WriteString(name, value); }
    }

    private static void Address(Utf8JsonWriter json, ReadOnlySpan<byte> name, Uri? address)
    {
        if (address is not null) { json.WriteString(name, address.ToString()); }
    }

    private sealed class Body<T>(SendContext<T> context) : MessageBody where T : class
    {
        private byte[]? _bytes;

        public long? Length => _bytes?.Length;

        public Stream GetStream() => new MemoryStream(GetBytes(), writable: false);

        public string GetString() => Encoding.UTF8.GetString(GetBytes());

        public byte[] GetBytes()
        {
            try
            {
                return _bytes ??= Write(context, context.Message);
            }
#pragma warning disable CA1031 // whatever a message can do to its writer: MassTransit's own says it this way
            catch (Exception e)
#pragma warning restore CA1031
            {
                throw new SerializationException("Failed to serialize message", e);
            }
        }
    }
}
