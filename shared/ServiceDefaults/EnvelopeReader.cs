using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Reads MassTransit's envelope member by member, without the serializer that finds each of them by its name in a table and makes a host anew for every
/// message. It knows the envelope as it is written as a rule; whatever is unusual about one is left to the serializer, which also says what is wrong with it.
/// </summary>
internal static class EnvelopeReader
{
    private static readonly Lazy<JsonReaderOptions> Options = new(static () => new JsonReaderOptions
    {
        MaxDepth = SystemTextJsonMessageSerializer.Options.MaxDepth,
    });

    // Whoever sends, sends the same types from the same host again and again.
    private static readonly SeenBefore<HostInfo> Hosts = new(16, static json =>
        JsonSerializer.Deserialize<HostInfo>(json, SystemTextJsonMessageSerializer.Options));

    private static readonly SeenBefore<string[]> Types = new(64, static json =>
        JsonSerializer.Deserialize<string[]>(json, SystemTextJsonMessageSerializer.Options));

    /// <summary>Reads it, or leaves it to the serializer.</summary>
    public static bool TryRead(byte[] json, [NotNullWhen(true)] out JsonMessageEnvelope? envelope)
    {
        try
        {
            var made = new JsonMessageEnvelope();
            var reader = new Utf8JsonReader(json, Options.Value);
            envelope = reader.Read() && reader.TokenType == JsonTokenType.StartObject && Members(json, ref reader, made) && !reader.Read() ? made : null;
        }
        catch (JsonException)
        {
            envelope = null;
        }

        return envelope is not null;
    }

    private static bool Members(byte[] json, ref Utf8JsonReader reader, JsonMessageEnvelope into)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Copied before the value is read: it is where the name was.
            var name = reader.ValueSpan;
            if (!reader.Read() || !(Text(name, ref reader, into) || Part(name, json, ref reader, into))) { return false; }
        }

        return reader.TokenType == JsonTokenType.EndObject;
    }

    private static bool Text(ReadOnlySpan<byte> name, ref Utf8JsonReader reader, JsonMessageEnvelope into)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) { return false; }
        if (name.SequenceEqual("messageId"u8)) { into.MessageId = reader.GetString(); }
        else if (name.SequenceEqual("requestId"u8)) { into.RequestId = reader.GetString(); }
        else if (name.SequenceEqual("correlationId"u8)) { into.CorrelationId = reader.GetString(); }
        else if (name.SequenceEqual("conversationId"u8)) { into.ConversationId = reader.GetString(); }
        else if (name.SequenceEqual("initiatorId"u8)) { into.InitiatorId = reader.GetString(); }
        else if (name.SequenceEqual("sourceAddress"u8)) { into.SourceAddress = reader.GetString(); }
        else if (name.SequenceEqual("destinationAddress"u8)) { into.DestinationAddress = reader.GetString(); }
        else if (name.SequenceEqual("responseAddress"u8)) { into.ResponseAddress = reader.GetString(); }
        else if (name.SequenceEqual("faultAddress"u8)) { into.FaultAddress = reader.GetString(); }
        else { return false; }
        return true;
    }

    private static bool Part(ReadOnlySpan<byte> name, byte[] json, ref Utf8JsonReader reader, JsonMessageEnvelope into)
    {
        if (reader.TokenType == JsonTokenType.Null) { return IsOptional(name); }
        if (name.SequenceEqual("message"u8)) { into.Message = JsonElement.ParseValue(ref reader); }
        else if (name.SequenceEqual("messageType"u8) && reader.TokenType == JsonTokenType.StartArray) { into.MessageType = Types.Of(json, ref reader); }
        else if (name.SequenceEqual("host"u8) && reader.TokenType == JsonTokenType.StartObject) { into.Host = Hosts.Of(json, ref reader); }
        else if (name.SequenceEqual("sentTime"u8) && reader.TokenType == JsonTokenType.String && reader.TryGetDateTime(out var sent))
        {
            into.SentTime = sent;
        }
        else if (name.SequenceEqual("expirationTime"u8) && reader.TokenType == JsonTokenType.String && reader.TryGetDateTime(out var expires))
        {
            into.ExpirationTime = expires;
        }
        else if (name.SequenceEqual("headers"u8) && reader.TokenType == JsonTokenType.StartObject)
        {
            into.Headers = JsonSerializer.Deserialize<Dictionary<string, object?>>(ref reader, SystemTextJsonMessageSerializer.Options)!;
        }
        else
        {
            return false;
        }

        return true;
    }

    private static bool IsOptional(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("expirationTime"u8) || name.SequenceEqual("sentTime"u8) || name.SequenceEqual("headers"u8) || name.SequenceEqual("host"u8);

    // What the same bytes meant the last time; bounded, because a stranger may send ever new ones.
    private sealed class SeenBefore<T>(int most, Func<byte[], T?> read) where T : class
    {
        private (byte[] Json, T Value)[] _known = [];

        public T? Of(byte[] json, ref Utf8JsonReader reader)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var bytes = json.AsSpan(start, (int)reader.BytesConsumed - start);
            var known = Volatile.Read(ref _known);
            foreach (var (seen, value) in known)
            {
                if (bytes.SequenceEqual(seen)) { return value; }
            }

            var copy = bytes.ToArray();
            var made = read(copy);
            // Two at once: one of them is read once more.
            if (made is not null && known.Length < most) { Volatile.Write(ref _known, [.. known, (copy, made)]); }
            return made;
        }
    }
}
