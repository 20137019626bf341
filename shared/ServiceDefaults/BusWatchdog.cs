using System.Net.Sockets;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Ends the process when the broker can be reached and the bus does not come back to it: a client whose connection was closed in the
/// wrong moment can wait for ever, and its queues with it. Everything that counts is durable, so whoever started the process starts it again
/// (compose: <c>restart: unless-stopped</c>) and nothing is lost. A broker that is away ends nobody.
/// </summary>
public sealed partial class BusWatchdog(
    Func<BusHealthStatus> health, Func<CancellationToken, Task<bool>> reachesBroker, TimeSpan patience, IHostApplicationLifetime host,
    TimeProvider clock, ILogger<BusWatchdog> log) : BackgroundService
{
    /// <summary>The exit code of a process that was ended so: EX_TEMPFAIL of <c>sysexits.h</c>.</summary>
    public const int ExitCode = 75;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private DateTimeOffset? _stalledSince;

    /// <summary>The watchdog over a bus on RabbitMQ.</summary>
    public static BusWatchdog Over(IBusControl bus, MessagingOptions options, IHostApplicationLifetime host, TimeProvider clock, ILogger<BusWatchdog> log)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(options);
        return new BusWatchdog(
            () => bus.CheckHealth().Status, cancellation => Connects(options, cancellation), TimeSpan.FromSeconds(options.StallSeconds), host, clock, log);
    }

    /// <summary>One look; true when the process was told to end.</summary>
    public async Task<bool> Look(CancellationToken cancellation)
    {
        if (health() == BusHealthStatus.Healthy || !await reachesBroker(cancellation).ConfigureAwait(false))
        {
            _stalledSince = null;
            return false;
        }

        var now = clock.GetUtcNow();
        _stalledSince ??= now;
        if (now - _stalledSince < patience) { return false; }
        LogStalled(log, patience.TotalSeconds);
        Environment.ExitCode = ExitCode;
        host.StopApplication();
        return true;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false) && !await Look(stoppingToken).ConfigureAwait(false)) { }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends for a reason of its own.
        }
    }

    private static async Task<bool> Connects(MessagingOptions options, CancellationToken cancellation)
    {
        foreach (var node in options.Nodes())
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(TimeSpan.FromSeconds(2));
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(node.Host, node.Port, limit.Token).ConfigureAwait(false);
                return true;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                // The next node, if there is one.
            }
        }

        return false;
    }

    [LoggerMessage(1020, LogLevel.Critical,
        "The broker can be reached, and the bus has not come back to it for {Seconds} s; this process ends so that it is started again")]
    private static partial void LogStalled(ILogger log, double seconds);
}
