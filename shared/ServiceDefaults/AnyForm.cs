using System.Buffers;
using System.IO.Compression;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using MassTransit.Serialization;
using MessagePack;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Reads a message in whatever form it comes (requirement 46): the envelope in JSON, as it is as a rule and at no extra cost; else compressed with gzip,
/// as bare JSON whose type stands in a header, or either of them as MessagePack. One form after the other is tried; what fits none of them is parked
/// with MSG002 and what each of them had against it; what can be read and does not fit its contract, with MSG001 and the field.
/// </summary>
internal sealed class AnyForm : ISerializerFactory, IMessageDeserializer
{
    /// <summary>The header that names the type of a bare message, such as <c>task.submit</c>.</summary>
    public const string TypeHeader = "message_type";

    private const string UrnPrefix = "a2a:";

    // What a compressed message may unpack to.
    private const int UnpackedMax = 32 * 1024 * 1024;

    private static readonly SystemTextJsonMessageSerializer Json = new();
    private static readonly MessagePackSerializerOptions Pack = MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData);

    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public IMessageSerializer CreateSerializer() => new EnvelopeWriter();

    public IMessageDeserializer CreateDeserializer() => this;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        var body = receiveContext.Body.GetBytes();
        var isPlain = body.Length > 0 && body[0] == '{';
        if (isPlain && TypeOf(receiveContext) is null) { return Ordinary(receiveContext, body); }
        var refusals = new List<string>();
        foreach (var (name, read) in Forms(receiveContext, body))
        {
            try
            {
                return Context(receiveContext, read());
            }
            catch (Exception e) when (IsRefusal(e))
            {
                refusals.Add($"{name}: {e.Message}");
            }
        }

        throw Failed(string.Join("; ", refusals));
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        Json.Deserialize(body, headers, destinationAddress);

    public MessageBody GetMessageBody(string text) => Json.GetMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("any-form");

    // One without a type is for nobody, and is skipped as such.
    private static BodyConsumeContext Ordinary(ReceiveContext context, byte[] body)
    {
        try
        {
            return Context(context, Envelope(body));
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw Failed("json: " + e.Message);
        }
    }

    private static bool IsRefusal(Exception e) => e is JsonException or MessagePackSerializationException or InvalidDataException or FormatException
        or DecoderFallbackException or InvalidOperationException or EndOfStreamException or NotSupportedException;

    private static ProtocolException Failed(string why) =>
        new(ErrorKind.Serialization, $"{ErrorKind.Serialization.Code} Failed to deserialize the message: {why}");

    private static IEnumerable<(string Name, Func<JsonMessageEnvelope> Read)> Forms(ReceiveContext context, byte[] body)
    {
        var unpacked = new Lazy<byte[]>(() => Unpack(body));
        if (TypeOf(context) is { } type)
        {
            yield return ("bare json", () => Bare(unpacked.Value, type, context));
            yield return ("bare messagepack", () => Bare(FromPack(unpacked.Value), type, context));
        }

        yield return ("json", () => Whole(unpacked.Value));
        yield return ("messagepack", () => Whole(FromPack(unpacked.Value)));
    }

    private static JsonMessageEnvelope Whole(byte[] json) =>
        Envelope(json) is { MessageType.Length: > 0 } envelope ? envelope : throw new JsonException("there is no envelope with a messageType");

    private static JsonMessageEnvelope Envelope(byte[] json) =>
        EnvelopeReader.TryRead(json, out var usual) && usual.Message is not null ? usual : Unusual(json);

    private static JsonMessageEnvelope Unusual(byte[] json) =>
        JsonSerializer.Deserialize<JsonMessageEnvelope>(json, SystemTextJsonMessageSerializer.Options) is { Message: not null } envelope
            ? envelope
            : throw new JsonException("there is no envelope with a message");

    private static JsonMessageEnvelope Bare(byte[] json, string type, ReceiveContext context)
    {
        var message = JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = WireJson.MaxDepth });
        return message.ValueKind != JsonValueKind.Object ? throw new JsonException("a message is an object") : new JsonMessageEnvelope
        {
            MessageId = context.GetMessageId()?.ToString(),
            MessageType = [type.Contains(':', StringComparison.Ordinal) ? type : UrnPrefix + type],
            Message = message,
        };
    }

    private static BodyConsumeContext Context(ReceiveContext context, JsonMessageEnvelope envelope) => new(context, new ContractContext(Json, envelope));

    private static string? TypeOf(ReceiveContext context) =>
        context.TransportHeaders.TryGetHeader(TypeHeader, out var value) && value is string { Length: > 0 and <= 256 } type ? type : null;

    private static byte[] FromPack(byte[] body) => Encoding.UTF8.GetBytes(MessagePackSerializer.ConvertToJson(body, Pack));

    private static byte[] Unpack(byte[] body)
    {
        if (body is not [0x1f, 0x8b, ..]) { return body; }
        using var packed = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        var unpacked = new ArrayBufferWriter<byte>(body.Length * 4);
        for (int read; (read = packed.Read(unpacked.GetSpan(16 * 1024))) > 0; unpacked.Advance(read))
        {
            if (unpacked.WrittenCount > UnpackedMax) { throw new InvalidDataException($"it unpacks to more than {UnpackedMax} bytes"); }
        }

        return unpacked.WrittenSpan.ToArray();
    }
}
