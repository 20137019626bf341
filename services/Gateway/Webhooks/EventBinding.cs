using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Whether events come to the webhooks' queue. Both steps are harmless when they were done before.</summary>
public interface IEventBinding
{
    /// <summary>From now on they do.</summary>
    Task Bind(CancellationToken cancellation);

    /// <summary>From now on they do not, and nobody pays for them.</summary>
    Task Unbind(CancellationToken cancellation);
}

/// <summary>Inside the process: whoever makes events is told whether somebody listens.</summary>
internal sealed class InProcessEventBinding(EventAudience audience) : IEventBinding
{
    public Task Bind(CancellationToken cancellation)
    {
        audience.IsHere = true;
        return Task.CompletedTask;
    }

    public Task Unbind(CancellationToken cancellation)
    {
        audience.IsHere = false;
        return Task.CompletedTask;
    }
}

/// <summary>
/// At the broker, over a connection of its own that is made when it is needed: MassTransit binds for as long as a queue exists, and this queue shall
/// outlive its binding.
/// </summary>
internal sealed class BrokerEventBinding(IOptions<EventOptions> events, IConfiguration configuration, IBus bus, IOptions<GatewayOptions> gateway)
    : IEventBinding, IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IConnection? _connection;

    public async Task Bind(CancellationToken cancellation)
    {
        await Work(async (channel, topic) =>
        {
            await channel.ExchangeDeclareAsync(topic, ExchangeType.Fanout, durable: true, cancellationToken: cancellation).ConfigureAwait(false);
            await channel.QueueBindAsync(Endpoints.Webhooks, topic, "", cancellationToken: cancellation).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
        await bus.Publish(new TaskEventsWanted { Queue = Endpoints.Webhooks }, CancellationToken.None)
            .WaitAsync(gateway.Value.AnswerTimeout, cancellation).ConfigureAwait(false);
    }

    public Task Unbind(CancellationToken cancellation) =>
        Work((channel, topic) => channel.QueueUnbindAsync(Endpoints.Webhooks, topic, "", cancellationToken: cancellation), cancellation);

    public async ValueTask DisposeAsync()
    {
        await Drop().ConfigureAwait(false);
        _gate.Dispose();
    }

    private async Task Work(Func<IChannel, string, Task> step, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_connection is not { IsOpen: true }) { await Connect(cancellation).ConfigureAwait(false); }
            await using var channel = await _connection!.CreateChannelAsync(cancellationToken: cancellation).ConfigureAwait(false);
            foreach (var topic in events.Value.AllTopics()) { await step(channel, topic).ConfigureAwait(false); }
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or TimeoutException)
        {
            await Drop().ConfigureAwait(false);
            throw;
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    private async Task Connect(CancellationToken cancellation)
    {
        await Drop().ConfigureAwait(false);
        var broker = configuration.GetSection(MessagingOptions.Section).Get<MessagingOptions>() ?? new MessagingOptions();
        var (factory, nodes) = broker.Connecting();
        factory.RequestedConnectionTimeout = gateway.Value.AnswerTimeout;
        factory.ContinuationTimeout = gateway.Value.AnswerTimeout;
        factory.ClientProvidedName = "gateway webhooks";
        _connection = await factory.CreateConnectionAsync(nodes, cancellation).ConfigureAwait(false);
    }

    private async Task Drop()
    {
        if (_connection is { } connection) { await connection.DisposeAsync().ConfigureAwait(false); }
        _connection = null;
    }
}
