using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>
/// Writes down what the webhooks get of every event before the broker may forget it. Idempotent by webhook and event. The Gateways share one queue.
/// </summary>
public sealed class EventFeedConsumer(EventFeed feed) : IConsumer<TaskEvent>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<TaskEvent> context) => feed.Take(context.Message, context.CancellationToken);
}

/// <summary>Events that come at the same time are written down in one go.</summary>
public sealed class EventFeed : IAsyncDisposable
{
    private readonly IWebhookStore _store;
    private readonly WebhookBell _bell;
    private readonly GroupCommit<TaskEvent, bool> _commit;

    /// <summary>Writes to this store and wakes who sends.</summary>
    public EventFeed(IWebhookStore store, WebhookBell bell)
    {
        (_store, _bell) = (store, bell);
        _commit = new GroupCommit<TaskEvent, bool>(Record, failsTogether: DatabaseOutage.Is);
    }

    /// <summary>Returns when the deliveries of an event are kept.</summary>
    public Task Take(TaskEvent said, CancellationToken cancellation) => _commit.Run(said, cancellation);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _commit.DisposeAsync();

    private async Task<IReadOnlyList<bool>> Record(IReadOnlyList<TaskEvent> events, CancellationToken cancellation)
    {
        Failpoints.Hit("webhook.before-record");
        if (await _store.Record(events, cancellation).ConfigureAwait(false) > 0) { _bell.Ring(); }
        return [.. events.Select(_ => true)];
    }
}

/// <summary>Wakes who sends: something is due.</summary>
public sealed class WebhookBell
{
    private volatile TaskCompletionSource _rung = New();

    /// <summary>Something is due.</summary>
    public void Ring() => _ = _rung.TrySetResult();

    /// <summary>Ends when it was rung since the last call, or after the pause.</summary>
    public async Task Wait(TimeSpan pause, TimeProvider clock, CancellationToken cancellation)
    {
        try { await _rung.Task.WaitAsync(pause, clock, cancellation).ConfigureAwait(false); }
        catch (TimeoutException) { return; }
        _rung = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Queue and bounds of <see cref="EventFeedConsumer"/>.</summary>
public sealed class EventFeedConsumerDefinition : ConsumerDefinition<EventFeedConsumer>
{
    private const int AtOnce = 128;
    private readonly EventOptions _events;

    /// <summary>Names the queue.</summary>
    public EventFeedConsumerDefinition(IOptions<EventOptions> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        _events = events.Value;
        EndpointName = Endpoints.Webhooks;
        ConcurrentMessageLimit = AtOnce;
    }

    /// <inheritdoc />
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpoint, IConsumerConfigurator<EventFeedConsumer> consumer, IRegistrationContext context)
    {
        endpoint.PrefetchCount = AtOnce * 2;
        // Bound only while there are webhooks: EventBinding. Inside the process a binding costs nothing.
        endpoint.ConfigureConsumeTopology = false;
        if (endpoint is IInMemoryReceiveEndpointConfigurator inside)
        {
            foreach (var topic in _events.AllTopics()) { inside.Bind(topic); }
        }

        endpoint.UseA2ARetry();
    }
}
