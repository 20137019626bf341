using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using MassTransit;

namespace A2A.Micro.Persistence.Outbox;

/// <summary>
/// A message that leaves with a commit. <see cref="Id"/> is its row's key and its MessageId on every send, so that a receiver's inbox
/// recognises a repeat; the bus client alone would choose a new one per try.
/// </summary>
[JsonConverter(typeof(OutgoingConverter))]
public sealed record Outgoing
{
    /// <summary>Row key and MessageId.</summary>
    public required Guid Id { get; init; }

    /// <summary>The message; its type carries a <c>MessageUrn</c>.</summary>
    public required object Message { get; init; }

    /// <summary>Where it is sent; null: it is published.</summary>
    public Uri? Destination { get; init; }

    /// <summary>W3C trace context of the work that caused it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The conversation it belongs to.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>The request it answers.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>Where an answer to it goes.</summary>
    public Uri? ResponseAddress { get; init; }

    /// <summary>After this it is worth nothing and the broker may drop it.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>
    /// How long progress is worth anything (requirement 68): whoever has not taken it by then takes a newer one.
    /// </summary>
    public static readonly TimeSpan ProgressLife = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The receiver said that it takes messages in company, and compressed, though its endpoint is none of ours. Not written down: sent once more, the
    /// message goes alone and as it is.
    /// </summary>
    public bool InCompany { get; init; }

    /// <summary>
    /// Whether nothing is lost with it, because the next one says more: it need not survive the broker (requirement 68). Everything else is persistent.
    /// </summary>
    public bool IsPassing => Message is TaskStatusUpdate or AgentHeartbeat;

    /// <summary>
    /// Whether a send fails when no queue takes it. True for the endpoints of the system itself: before its owner's first start such a
    /// queue does not exist. Events may have no subscriber, an agent may be gone, and a temporary reply queue may have ended.
    /// </summary>
    public bool MustArrive =>
        Destination is { Scheme: "exchange" } destination && Endpoints.IsOurs(destination.AbsolutePath);

    /// <summary>The message as JSON; made once, for its row and for its way.</summary>
    internal ReadOnlyMemory<byte> Body => _body.Of(Message);

    private readonly Written _body = new();

    /// <summary>A command to one endpoint, in the trace that is current.</summary>
    public static Outgoing Command(string endpoint, object message, TimeProvider clock) =>
        Event(message, clock) with { Destination = Endpoints.Address(endpoint) };

    /// <summary>An event to whom it concerns, in the trace that is current.</summary>
    public static Outgoing Event(object message, TimeProvider clock) => new()
    {
        Id = Guid.CreateVersion7(clock.GetUtcNow()),
        Message = message,
        TraceParent = Activity.Current?.Id,
        TimeToLive = message is TaskStatusUpdate ? ProgressLife : null,
    };

    /// <summary>What a consumer or saga said while its sends are being captured.</summary>
    public static Outgoing Captured<T>(SendContext<T> context) where T : class => new()
    {
        Id = context.MessageId ?? throw new InvalidOperationException("a captured message has no MessageId"),
        Message = context.Message,
        Destination = Shorten(context.DestinationAddress),
        TraceParent = Activity.Current?.Id,
        ConversationId = context.ConversationId,
        RequestId = context.RequestId,
        ResponseAddress = context.ResponseAddress,
        TimeToLive = context.TimeToLive,
    };

    // The host part is left out: after a failover the same exchange lives on another host. Answers to a request client
    // go to a temporary exchange that only its full address describes.
    private static Uri? Shorten(Uri? address) =>
        address is null || address.Query.Contains("temporary", StringComparison.OrdinalIgnoreCase)
            ? address
            : new Uri("exchange:" + Uri.UnescapeDataString(address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..]));

    // Says nothing about which message it is: two of them are always equal.
    private sealed record Written
    {
        private byte[]? _json;

        public ReadOnlyMemory<byte> Of(object message) =>
            _json ??= Write(message);

        // Before it is committed: a message that cannot be written fails the step that says it, and not the way out.
        private static byte[] Write(object message)
        {
            WireGuard.Check(message);
            try
            {
                return JsonSerializer.SerializeToUtf8Bytes(message, message.GetType(), WireJson.Options);
            }
            catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
            {
                throw WireGuard.Failed(message, e.Message);
            }
        }

        public bool Equals(Written? other) => other is not null;

        public override int GetHashCode() => 0;
    }
}

/// <summary>Writes an <see cref="Outgoing"/> with its message under the message's URN.</summary>
public sealed class OutgoingConverter : JsonConverter<Outgoing>
{
    /// <inheritdoc />
    public override Outgoing Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var row = JsonSerializer.Deserialize<Row>(ref reader, options) ?? throw new JsonException("an outgoing message is an object");
        return new Outgoing
        {
            Id = row.Id,
            Message = row.Body.Deserialize(MessageTypes.Find(row.Urn), WireJson.Options)
                ?? throw new JsonException("an outgoing message has a body"),
            Destination = row.Destination,
            TraceParent = row.TraceParent,
            ConversationId = row.ConversationId,
            RequestId = row.RequestId,
            ResponseAddress = row.ResponseAddress,
            TimeToLive = row.TimeToLiveS is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Outgoing value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        writer.WriteString("id", value.Id);
        writer.WriteString("urn", MessageTypes.NameOf(value.Message.GetType()));
        writer.WritePropertyName("body");
        writer.WriteRawValue(value.Body.Span, skipInputValidation: true);
        if (value.Destination is { } destination) { writer.WriteString("destination", destination.OriginalString); }
        if (value.TraceParent is { } trace) { writer.WriteString("trace_parent", trace); }
        if (value.ConversationId is { } conversation) { writer.WriteString("conversation_id", conversation); }
        if (value.RequestId is { } request) { writer.WriteString("request_id", request); }
        if (value.ResponseAddress is { } response) { writer.WriteString("response_address", response.OriginalString); }
        if (value.TimeToLive is { } life) { writer.WriteNumber("time_to_live_s", life.TotalSeconds); }
        writer.WriteEndObject();
    }

    private sealed record Row
    {
        public required Guid Id { get; init; }

        public required string Urn { get; init; }

        public required JsonElement Body { get; init; }

        public Uri? Destination { get; init; }

        public string? TraceParent { get; init; }

        public Guid? ConversationId { get; init; }

        public Guid? RequestId { get; init; }

        public Uri? ResponseAddress { get; init; }

        public double? TimeToLiveS { get; init; }
    }
}
