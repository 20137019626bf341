using A2A.Micro.Contracts.States;
using A2A.Micro.Persistence.Timers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.States;

/// <summary>Asks for steps that stay missing, and drops reports whose attempt never began.</summary>
public sealed class HeldSweeper(IStateStore store, IStateQueries states, StepRequests requests, StateSyncMetrics metrics,
    IOptions<StateSyncOptions> options, TimeProvider clock, ILogger<HeldSweeper> log)
    : PeriodicDuty(options.Value.SweepInterval, clock, log)
{
    private const int GapsMax = 1000;
    private const int GapsAskedMax = 100;

    /// <summary>One round.</summary>
    public async Task Sweep(CancellationToken cancellation)
    {
        var now = Clock.GetUtcNow();
        var gaps = await store.Gaps(now - options.Value.GapAfter, GapsMax, cancellation).ConfigureAwait(false);
        metrics.Gaps(gaps.Count);
        if (gaps.Count > 0) { await Ask([.. gaps.Take(GapsAskedMax)], cancellation).ConfigureAwait(false); }
        var dropped = await store.DropReports(now - options.Value.ReportsHeldFor, cancellation).ConfigureAwait(false);
        if (dropped == 0) { return; }
        metrics.Refused(RefusalKind.Expired, dropped);
        StateSyncLog.ReportsDropped(log, dropped);
    }

    /// <inheritdoc />
    protected override Task Round(CancellationToken cancellation) => Sweep(cancellation);

    private async Task Ask(IReadOnlyList<StateGap> gaps, CancellationToken cancellation)
    {
        var heads = (await states.Heads([.. gaps.Select(gap => gap.TaskId)], cancellation).ConfigureAwait(false))
            .ToDictionary(head => head.TaskId, StringComparer.Ordinal);
        foreach (var gap in gaps)
        {
            StateSyncLog.Gap(log, gap.TaskId, gap.FirstHeld, gap.Since);
            var known = heads.GetValueOrDefault(gap.TaskId);
            await requests.Ask(gap.TaskId, (known?.Sequence ?? 0) + 1, gap.FirstHeld - 1, known?.UpdatedAt, gap.Since, cancellation).ConfigureAwait(false);
        }
    }
}
