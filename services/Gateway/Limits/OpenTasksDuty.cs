using A2A.Micro.Contracts.States;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Timers;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.Limits;

/// <summary>Compares <see cref="OpenTasks"/> with what StateSync counts, every five seconds while a tenant has open tasks, and once at the start.</summary>
internal sealed class OpenTasksDuty(
    OpenTasks open, ISystemStatistics statistics, IOutbox<GatewayDb> outbox, TimeProvider clock, ILogger<OpenTasksDuty> log)
    : PeriodicDuty(TimeSpan.FromSeconds(5), clock, log)
{
    private bool _hasAsked;

    protected override async Task Round(CancellationToken cancellation)
    {
        if (!open.IsLimited || (!open.BeginCorrection() && _hasAsked)) { return; }
        open.Correct(await statistics.OpenByTenant(cancellation).ConfigureAwait(false), outbox.Pending);
        _hasAsked = true;
    }
}
