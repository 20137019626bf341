using A2A.Micro.Persistence.Timers;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>
/// Brings the secrets of webhooks under the master key of now, so that an older one may go: tasks end and are deleted, a webhook may stand for years.
/// Two Gateways at once do the same twice.
/// </summary>
internal sealed partial class RewrapDuty(PostgresWebhookStore store, TimeProvider clock, ILogger<RewrapDuty> log)
    : PeriodicDuty(TimeSpan.FromMinutes(10), clock, log)
{
    protected override async Task Round(CancellationToken cancellation)
    {
        if (await store.Rewrap(cancellation).ConfigureAwait(false) is > 0 and var count) { LogRewrapped(log, count); }
    }

    [LoggerMessage(3046, LogLevel.Information, "{Count} secrets of webhooks are under the master key of now")]
    private static partial void LogRewrapped(ILogger log, int count);
}
