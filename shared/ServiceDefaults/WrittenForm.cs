using System.Net.Mime;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Security.Broker;
using MassTransit;
using MassTransit.Serialization;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Writes messages for a broker: the envelope in JSON, and one that is over a size compressed with gzip (requirement 64), if it is sent to somebody of whom
/// it is known that he reads that. What is published is for everybody, so it stays as it is; and a bulk holds small messages, for which a queue
/// pays by the piece and not by the byte. What would not become a tenth smaller, such as what is sealed, goes as it is.
/// </summary>
/// <param name="packOver">Above so many bytes; 0: nothing is compressed.</param>
internal sealed class WrittenForm(int packOver) : IMessageSerializer
{
    private const int SampleBytes = 8 * 1024;

    private readonly EnvelopeWriter _plain = new();

    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class
    {
        ArgumentNullException.ThrowIfNull(context);
        var body = _plain.GetMessageBody(context);
        if (packOver == 0 || typeof(T) == typeof(Bulk)) { return body; }
        // Written here once; the transport asks the same body for the same bytes.
        var bytes = body.GetBytes();
        if (bytes.Length <= packOver || !IsRead(context)) { return body; }
        // A piece of the middle tells for a hundredth of the price.
        if (bytes.Length > 4 * SampleBytes && !Saves(Gzip.Pack(bytes.AsSpan(bytes.Length / 2, SampleBytes)).Length, SampleBytes)) { return body; }
        var packed = Gzip.Pack(bytes);
        if (!Saves(packed.Length, bytes.Length)) { return body; }
        if (context is RabbitMqSendContext rabbit) { rabbit.BasicProperties.ContentEncoding = Gzip.Name; }
        return new BytesMessageBody(packed);
    }

    private static bool Saves(int packed, int plain) => packed < plain - plain / 10;

    private static bool IsRead(SendContext context) =>
        context.TryGetPayload<TakesGzip>(out _)
        || (context.DestinationAddress is { } address && Endpoints.TakesGzip(EndpointOf(context, address)));

    // An agent with an account of its own speaks through its one exchange; the endpoint that it means is the key.
    private static string EndpointOf(SendContext context, Uri address)
    {
        var exchange = Uri.UnescapeDataString(address.AbsolutePath.Split('/')[^1]);
        return AgentAccount.OwnerOf(exchange) is null ? exchange : context.RoutingKey() ?? "";
    }
}
