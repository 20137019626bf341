using A2A.Micro.Contracts.States;
using A2A.Micro.Persistence.Timers;
using A2A.Micro.Security.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.Payloads;

/// <summary>Deletes payloads whose tasks StateSync has forgotten: they live as long as those, whatever retention says.</summary>
internal sealed class PayloadDuty(IPayloadStore store, IServiceProvider services, TimeProvider clock, ILogger<PayloadDuty> log)
    : PeriodicDuty(TimeSpan.FromMinutes(10), clock, log)
{
    /// <summary>Nobody looks earlier than this: a task may be known to StateSync long after it was accepted.</summary>
    public static readonly TimeSpan First = TimeSpan.FromDays(1);

    private const int Step = 100;
    private const int AtOnce = 100;
    private static readonly TimeSpan Next = TimeSpan.FromHours(6);

    /// <summary>Looks at those whose time it is, and deletes those that nobody needs.</summary>
    public Task<int> Look(CancellationToken cancellation) => InSteps(Step, async size =>
    {
        var old = await store.TakeOld(size, Next, cancellation).ConfigureAwait(false);
        foreach (var tenant in old.GroupBy(payload => payload.Tenant, StringComparer.Ordinal))
        {
            await Delete(tenant.Key, [.. tenant], cancellation).ConfigureAwait(false);
        }

        return old.Count;
    });

    protected override async Task Round(CancellationToken cancellation) => _ = await Look(cancellation).ConfigureAwait(false);

    // In the name of the tenant, or its tasks could not be seen and would seem to be gone.
    private async Task Delete(string tenant, IReadOnlyList<OldPayload> payloads, CancellationToken cancellation)
    {
        new Caller("gateway", tenant, Scopes.TasksRead).Enter();
        var asked = payloads.SelectMany(payload => payload.TaskIds).Distinct(StringComparer.Ordinal).Chunk(AtOnce).ToList();
        var alive = new HashSet<string>(StringComparer.Ordinal);
        var states = services.GetRequiredService<IStateQueries>();
        foreach (var ids in asked)
        {
            alive.UnionWith((await states.Heads(ids, cancellation).ConfigureAwait(false)).Select(task => task.TaskId));
        }

        await store.Delete([.. payloads.Where(payload => !payload.TaskIds.Any(alive.Contains)).Select(payload => payload.PayloadId)], cancellation)
            .ConfigureAwait(false);
    }
}
