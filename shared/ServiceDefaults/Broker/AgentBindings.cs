using A2A.Micro.Security.Broker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace A2A.Micro.ServiceDefaults.Broker;

/// <summary>
/// Leads the way out of every enrolled agent to the endpoints of this process; made when an agent is enrolled, and made again every few seconds,
/// whatever broke in between. A suspended agent's way is cut.
/// </summary>
internal sealed partial class AgentBindings(
    IReadOnlyList<string> endpoints, BrokerIdentity identity, MessagingOptions broker, TimeProvider clock, ILogger<AgentBindings> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Anew = TimeSpan.FromSeconds(30);
    private HashSet<string> _bound = [];
    private long _boundAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            do { await Round(stoppingToken).ConfigureAwait(false); }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Bound is bound: what agents say meanwhile waits in the queues.
        }
    }

    private async Task Round(CancellationToken cancellation)
    {
        HashSet<string> wanted = [.. identity.Agents];
        if (wanted.SetEquals(_bound) && clock.GetElapsedTime(_boundAt) < Anew) { return; }
        try
        {
            await Bind(wanted, [.. _bound.Except(wanted)], cancellation).ConfigureAwait(false);
            (_bound, _boundAt) = (wanted, clock.GetTimestamp());
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or TimeoutException)
        {
            LogNotBound(log, e);
        }
    }

    private async Task Bind(IEnumerable<string> agents, IEnumerable<string> gone, CancellationToken cancellation)
    {
        var (factory, nodes) = broker.Connecting();
        await using var connection = await factory.CreateConnectionAsync(nodes, cancellation).ConfigureAwait(false);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation).ConfigureAwait(false);
        foreach (var endpoint in endpoints)
        {
            await channel.ExchangeDeclareAsync(endpoint, ExchangeType.Fanout, durable: true, cancellationToken: cancellation).ConfigureAwait(false);
        }

        foreach (var agent in agents)
        {
            var way = AgentAccount.Out(agent);
            await channel.ExchangeDeclareAsync(way, ExchangeType.Direct, durable: true, cancellationToken: cancellation).ConfigureAwait(false);
            foreach (var endpoint in endpoints)
            {
                await channel.ExchangeBindAsync(endpoint, way, endpoint, cancellationToken: cancellation).ConfigureAwait(false);
            }
        }

        foreach (var agent in gone)
        {
            foreach (var endpoint in endpoints)
            {
                await channel.ExchangeUnbindAsync(endpoint, AgentAccount.Out(agent), endpoint, cancellationToken: cancellation).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(1011, LogLevel.Warning, "The ways of the agents could not be bound; the next round tries again")]
    private static partial void LogNotBound(ILogger log, Exception exception);
}
