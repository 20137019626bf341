using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.States;

/// <summary>Removes tasks that ended long enough ago, in small steps, so that nobody waits for them.</summary>
public sealed class RetentionSweeper(
    IStateStore store, IOptions<StateSyncOptions> options, TimeProvider clock, ILogger<RetentionSweeper> log) : BackgroundService
{
    private const int Step = 500;

    /// <summary>One round: until none is left that is old enough.</summary>
    public async Task Sweep(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var total = 0;
        for (var dropped = Step; dropped == Step; total += dropped)
        {
            dropped = await store.DropEnded(now - options.Value.KeepCompleted, now - options.Value.KeepOthers, Step, cancellation)
                .ConfigureAwait(false);
        }

        if (total > 0) { StateSyncLog.Retired(log, total); }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RetentionInterval, clock);
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
                StateSyncLog.RoundFailed(log, e, nameof(RetentionSweeper));
            }
        }
    }
}
