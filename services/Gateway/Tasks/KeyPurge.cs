using A2A.Micro.Persistence.Timers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Deletes idempotency keys that are older than 24 hours, and submissions that nobody will repeat any more, every ten minutes, in small steps.
/// </summary>
internal sealed class KeyPurge(ISubmissionStore store, IOptions<GatewayOptions> options, TimeProvider clock, ILogger<KeyPurge> log)
    : PeriodicDuty(TimeSpan.FromMinutes(10), clock, log)
{
    private const int Step = 1000;

    protected override async Task Round(CancellationToken cancellation)
    {
        _ = await InSteps(Step, size => store.PurgeKeys(size, cancellation)).ConfigureAwait(false);
        _ = await InSteps(Step, size => store.PurgeSubmissions(options.Value.KeepSubmissions, size, cancellation)).ConfigureAwait(false);
    }
}
