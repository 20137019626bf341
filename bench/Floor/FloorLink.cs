using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace A2A.Micro.Bench.Floor;

/// <summary>
/// The least that a durable task can cost on this broker: a request and a reply, each a persistent message on a quorum queue, each
/// published with a confirm, each acknowledged after the next step was confirmed. No database, no decisions.
/// </summary>
public sealed class FloorLink : IAsyncDisposable
{
    private const string Requests = "bench.floor.requests";
    private const string Replies = "bench.floor.replies";
    private static readonly string[] Queues = [Requests, Replies];
    private static readonly BasicProperties Persistent = new() { Persistent = true };

    private readonly IConnection _submitter;
    private readonly IConnection _worker;
    private readonly IChannel _asks;
    private readonly IChannel _works;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();

    private FloorLink(IConnection submitter, IConnection worker, IChannel asks, IChannel works) =>
        (_submitter, _worker, _asks, _works) = (submitter, worker, asks, works);

    /// <summary>Declares both queues and starts both ends, a connection each.</summary>
    public static async Task<FloorLink> Open(Uri broker, int concurrency, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { Uri = broker };
        var options = new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: true,
            consumerDispatchConcurrency: (ushort)Math.Clamp(concurrency, 1, 1024));
        var submitter = await factory.CreateConnectionAsync(cancellation);
        var worker = await factory.CreateConnectionAsync(cancellation);
        var link = new FloorLink(
            submitter, worker,
            await submitter.CreateChannelAsync(options, cancellation),
            await worker.CreateChannelAsync(options, cancellation));
        await link.Declare(cancellation);
        await Listen(link._works, Requests, link.Work, cancellation);
        await Listen(link._asks, Replies, link.Hear, cancellation);
        return link;
    }

    /// <summary>One round trip: returns when the reply has arrived.</summary>
    public async Task Ask(byte[] payload, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("n");
        var reply = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = reply;
        var properties = new BasicProperties { Persistent = true, CorrelationId = id };
        await _asks.BasicPublishAsync("", Requests, mandatory: true, properties, payload, cancellation);
        await reply.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellation);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _ = await _asks.QueueDeleteAsync(Requests);
        _ = await _asks.QueueDeleteAsync(Replies);
        await _submitter.DisposeAsync();
        await _worker.DisposeAsync();
    }

    private async Task Declare(CancellationToken cancellation)
    {
        foreach (var queue in Queues)
        {
            _ = await _asks.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: cancellation);
            _ = await _asks.QueuePurgeAsync(queue, cancellation);
        }
    }

    private static async Task Listen(
        IChannel channel, string queue, AsyncEventHandler<BasicDeliverEventArgs> hear, CancellationToken cancellation)
    {
        await channel.BasicQosAsync(0, 256, global: false, cancellation);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += hear;
        _ = await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellation);
    }

    private async Task Work(object sender, BasicDeliverEventArgs delivery)
    {
        var properties = new BasicProperties(Persistent) { CorrelationId = delivery.BasicProperties.CorrelationId };
        await _works.BasicPublishAsync("", Replies, mandatory: true, properties, delivery.Body, delivery.CancellationToken);
        await _works.BasicAckAsync(delivery.DeliveryTag, multiple: false, delivery.CancellationToken);
    }

    private async Task Hear(object sender, BasicDeliverEventArgs delivery)
    {
        if (_waiting.TryRemove(delivery.BasicProperties.CorrelationId ?? "", out var reply)) { reply.SetResult(); }
        await _asks.BasicAckAsync(delivery.DeliveryTag, multiple: false, delivery.CancellationToken);
    }
}
