using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Persistence.Timers;

/// <summary>
/// A background duty that does the same again and again: a round that fails is said and followed by the next one, and a duty ends with its process
/// only.
/// </summary>
public abstract partial class PeriodicDuty(TimeSpan interval, TimeProvider clock, ILogger log) : BackgroundService
{
    /// <summary>Whose time it goes by.</summary>
    protected TimeProvider Clock { get; } = clock;

    /// <summary>One round.</summary>
    protected abstract Task Round(CancellationToken cancellation);

    /// <inheritdoc />
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                try
                {
                    await Round(stoppingToken).ConfigureAwait(false);
                }
#pragma warning disable CA1031 // a database outage ends a round and never the duty
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    LogRoundFailed(log, e, GetType().Name);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on.
        }
    }

    /// <summary>Does steps of at most so many until one of them is not full; how many there were in all.</summary>
    protected static async Task<int> InSteps(int size, Func<int, Task<int>> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        for (var total = 0; ;)
        {
            var done = await step(size).ConfigureAwait(false);
            total += done;
            if (done < size) { return total; }
        }
    }

    [LoggerMessage(2050, LogLevel.Warning, "{Duty} could not finish its round; the next one follows")]
    private static partial void LogRoundFailed(ILogger log, Exception exception, string duty);
}
