using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace A2A.Micro.Security.Identity;

/// <summary>Writes down now and then when keys were last seen: not with every request.</summary>
public sealed partial class KeyUseDuty(Authenticator authenticator, IApiKeyStore keys, TimeProvider clock, ILogger<KeyUseDuty> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) { await Write(stoppingToken).ConfigureAwait(false); }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was seen in the last seconds is a figure for people, not a fact.
        }
    }

    private async Task Write(CancellationToken stopping)
    {
        try
        {
            await keys.Touch(authenticator.TakeSeen(), stopping).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            LogFailed(log, e);
        }
    }

    [LoggerMessage(3102, LogLevel.Warning, "when keys were last seen could not be written down")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
