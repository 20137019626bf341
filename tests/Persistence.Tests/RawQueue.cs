using System.Text;
using RabbitMQ.Client;

namespace A2A.Micro.Persistence.Tests;

/// <summary>A foreign client: publishes any bytes, and looks at what lies in queues.</summary>
public sealed class RawQueue : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private RawQueue(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<RawQueue> Connect(RabbitBroker broker)
    {
        var connection = await new ConnectionFactory { Uri = broker.Address }.CreateConnectionAsync();
        return new RawQueue(connection, await connection.CreateChannelAsync());
    }

    public async Task Publish(string exchange, string body, IDictionary<string, object?>? headers = null) =>
        await _channel.BasicPublishAsync(exchange, "", mandatory: true, new BasicProperties
        {
            ContentType = "application/vnd.masstransit+json",
            Headers = headers,
        }, Encoding.UTF8.GetBytes(body));

    /// <summary>Waits for so many messages of a queue and takes them out; no more may lie there.</summary>
    public async Task<IReadOnlyList<Parked>> Take(string queue, int count)
    {
        _ = await Eventually.Seen(_ => Count(queue), seen => seen >= count, $"{count} messages lie in {queue}");
        var taken = new List<Parked>();
        while (await _channel.BasicGetAsync(queue, autoAck: true) is { } one) { taken.Add(new Parked(one)); }
        Assert.Equal(count, taken.Count);
        return taken;
    }

    /// <summary>A queue of its own that gets what goes to an exchange.</summary>
    public async Task<string> Listen(string exchange)
    {
        var queue = (await _channel.QueueDeclareAsync()).QueueName;
        await _channel.QueueBindAsync(queue, exchange, "");
        return queue;
    }

    /// <summary>A quorum queue that passes on what it lets go of, as the queues of the services do, and the queue that gets it.</summary>
    public async Task<(string Queue, string Dead)> Quorum()
    {
        var dead = (await _channel.QueueDeclareAsync()).QueueName;
        var queue = "quorum." + dead;
        await _channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
        {
            ["x-queue-type"] = "quorum",
            ["x-dead-letter-exchange"] = "",
            ["x-dead-letter-routing-key"] = dead,
            ["x-dead-letter-strategy"] = "at-least-once",
            ["x-overflow"] = "reject-publish",
        });
        return (queue, dead);
    }

    /// <summary>Sends one message to a queue that is worth something for so long.</summary>
    public async Task Expiring(string queue, TimeSpan life)
    {
        var properties = new BasicProperties { Expiration = ((int)life.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture) };
        await _channel.BasicPublishAsync("", queue, mandatory: true, properties, "{}"u8.ToArray());
    }

    public async Task Delete(string queue) => _ = await _channel.QueueDeleteAsync(queue);

    /// <summary>How many are ready; 0 when there is no such queue yet.</summary>
    public async Task<long> Count(string queue)
    {
        await using var channel = await _connection.CreateChannelAsync();
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return 0;
        }
    }

    public async Task Purge(params string[] queues)
    {
        foreach (var queue in queues)
        {
            if (await Count(queue) > 0) { _ = await _channel.QueuePurgeAsync(queue); }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    /// <summary>A message that was taken out.</summary>
    public sealed class Parked(BasicGetResult message)
    {
        private readonly string _body = System.Text.Encoding.UTF8.GetString(message.Body.Span);

        /// <summary>The bytes as they travelled.</summary>
        public byte[] Bytes { get; } = message.Body.ToArray();

        public string? Encoding => message.BasicProperties.ContentEncoding;

        /// <summary>Milliseconds after which the broker lets it go; null: never.</summary>
        public string? Expiration => message.BasicProperties.Expiration;

        public bool IsPersistent => message.BasicProperties.DeliveryMode == DeliveryModes.Persistent;

        public Guid MessageId => Guid.Parse(
            System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(_body).GetProperty("messageId").GetString()!);

        public string Header(string name) =>
            message.BasicProperties.Headers?.TryGetValue(name, out var value) == true
                ? value as string ?? System.Text.Encoding.UTF8.GetString((byte[])value!)
                : "";
    }
}
