using A2A.Micro.Persistence.Timers;
using A2A.Micro.StateSync.Shared;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.States;

/// <summary>Removes tasks that ended long enough ago, in small steps, so that nobody waits for them.</summary>
public sealed class RetentionSweeper(
    IStateStore store, ISharedStore shared, IOptions<StateSyncOptions> options, TimeProvider clock, ILogger<RetentionSweeper> log)
    : PeriodicDuty(options.Value.RetentionInterval, clock, log)
{
    private const int Step = 500;

    /// <summary>One round: until none is left that is old enough.</summary>
    public async Task Sweep(CancellationToken cancellation)
    {
        var now = Clock.GetUtcNow();
        var total = await InSteps(Step, size =>
            store.DropEnded(now - options.Value.KeepCompleted, now - options.Value.KeepOthers, size, cancellation)).ConfigureAwait(false);
        // A value may be older than its task is known here; one whose task is gone goes with it.
        _ = await InSteps(Step, size => shared.DropOrphans(now - options.Value.KeepShared, size, cancellation)).ConfigureAwait(false);
        if (total > 0) { StateSyncLog.Retired(log, total); }
    }

    /// <inheritdoc />
    protected override Task Round(CancellationToken cancellation) => Sweep(cancellation);
}
