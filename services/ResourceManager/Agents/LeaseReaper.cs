using A2A.Micro.ResourceManager.Ledger;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Agents;

/// <summary>
/// Takes back what silent agents hold (reliability G7), by the clock of the store. The same sweep tries the whole waiting line, so that a
/// claim which some fault left behind waits for one sweep at most, and tells those who wait for another reason than before.
/// </summary>
public sealed class LeaseReaper(
    IPool pool, IOptions<ResourceManagerOptions> options, TimeProvider clock, ILogger<LeaseReaper> log)
        : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await Sweep(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task Sweep(CancellationToken stopping)
    {
        try
        {
            var reaped = await pool.ReapSilent(options.Value.Lease, stopping).ConfigureAwait(false);
            _ = await pool.TellReasons(options.Value.TellMax, stopping).ConfigureAwait(false);
            if (reaped.Agents > 0) { LeaseReaperLog.Lost(log, reaped.Agents, options.Value.Lease.TotalSeconds); }
        }
#pragma warning disable CA1031 // a duty that stops at the first outage would leave leases unswept for good
        catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LeaseReaperLog.Failed(log, e);
        }
    }
}

internal static partial class LeaseReaperLog
{
    [LoggerMessage(LogLevel.Warning,
        "{Agents} agents were silent for longer than {LeaseSeconds} s; what they held is revoked")]
    public static partial void Lost(ILogger logger, int agents, double leaseSeconds);

    [LoggerMessage(LogLevel.Error, "a sweep for silent agents failed; the next one tries again")]
    public static partial void Failed(ILogger logger, Exception error);
}
