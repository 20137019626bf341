using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.States;

/// <summary>Reports tasks whose next step stays missing, and drops reports whose attempt never began.</summary>
public sealed class HeldSweeper(IStateStore store, StateSyncMetrics metrics, IOptions<StateSyncOptions> options,
    TimeProvider clock, ILogger<HeldSweeper> log) : BackgroundService
{
    private const int GapsMax = 1000;
    private const int GapsLoggedMax = 20;

    /// <summary>One round.</summary>
    public async Task Sweep(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var gaps = await store.Gaps(now - options.Value.GapAfter, GapsMax, cancellation).ConfigureAwait(false);
        metrics.Gaps(gaps.Count);
        foreach (var gap in gaps.Take(GapsLoggedMax)) { StateSyncLog.Gap(log, gap.TaskId, gap.FirstHeld, gap.Since); }
        var dropped = await store.DropReports(now - options.Value.ReportsHeldFor, cancellation).ConfigureAwait(false);
        if (dropped == 0) { return; }
        metrics.Refused(RefusalKind.Expired, dropped);
        StateSyncLog.ReportsDropped(log, dropped);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await Sweep(stoppingToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // a database outage ends a round and never the duty
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                StateSyncLog.RoundFailed(log, e, nameof(HeldSweeper));
            }
        }
    }
}
