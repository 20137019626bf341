using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Deletes idempotency keys that are older than 24 hours, and submissions that nobody will repeat any more, every ten minutes, in small steps.
/// </summary>
internal sealed partial class KeyPurge(ISubmissionStore store, IOptions<GatewayOptions> options, TimeProvider clock, ILogger<KeyPurge> log) : BackgroundService
{
    private const int Step = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) { await Purge(stoppingToken).ConfigureAwait(false); }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on.
        }
    }

    private async Task Purge(CancellationToken stopping)
    {
        try
        {
            while (await store.PurgeKeys(Step, stopping).ConfigureAwait(false) == Step) { }
            while (await store.PurgeSubmissions(options.Value.KeepSubmissions, Step, stopping).ConfigureAwait(false) == Step) { }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            LogFailed(log, e);
        }
    }

    [LoggerMessage(3010, LogLevel.Warning, "old idempotency keys and submissions could not be deleted; the next round tries again")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
