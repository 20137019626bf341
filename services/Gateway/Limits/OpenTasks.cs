using System.Collections.Concurrent;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Security;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Limits;

/// <summary>
/// How many tasks each tenant has that have not ended, and whether it may hand in more. Known without a question: what this process accepts is added, what
/// it hears end is taken off, and every few seconds <see cref="OpenTasksDuty"/> compares with what StateSync counts, for what others accepted, what was not
/// heard and what was before this process. A host that is open has no tenants that could crowd each other out, and counts nothing.
/// </summary>
public sealed class OpenTasks(IOptions<SecurityOptions> options, Openness openness, GatewayMetrics metrics)
{
    private readonly int _max = openness.IsOpen ? 0 : options.Value.OpenTasksPerTenantMax;
    private readonly ConcurrentDictionary<string, OpenCount> _tenants = new(StringComparer.Ordinal);

    /// <summary>Whether there is a limit at all.</summary>
    public bool IsLimited => _max > 0;

    /// <summary>The tenant hands in so many; false: it has too many that have not ended, and nothing is counted.</summary>
    public bool TryTake(string tenant, int count)
    {
        if (!IsLimited) { return true; }
        while (true)
        {
            if (_tenants.GetOrAdd(tenant, static _ => new OpenCount()).TryTake(count, _max) is { } taken) { return taken; }
        }
    }

    /// <summary>So many of those were not accepted.</summary>
    public void GiveBack(string tenant, int count)
    {
        if (count > 0 && IsLimited && _tenants.TryGetValue(tenant, out var open)) { open.GiveBack(count); }
    }

    /// <summary>A task has ended.</summary>
    /// <param name="taskId">Its inside id.</param>
    public void Ended(string taskId)
    {
        if (IsLimited && _tenants.TryGetValue(TenantNames.TenantOf(taskId), out var open)) { open.End(); }
    }

    /// <summary>What a tenant is told that has no room; counts it as refused.</summary>
    public ProtocolException Refusal(string tenant, int count)
    {
        metrics.CountLimited();
        return new ProtocolException(ErrorKind.RateLimited, count == 1
            ? $"The tenant {tenant} has {_max} tasks that have not ended and may not have more. "
                + "Wait until some have ended, or cancel some; then send this again."
            : $"The tenant {tenant} may have {_max} tasks that have not ended, and these {count} would be more. "
                + "Hand in fewer, wait until some have ended, or cancel some; then send this again.");
    }

    /// <summary>A count elsewhere begins; whether anybody is counted here.</summary>
    public bool BeginCorrection()
    {
        foreach (var open in _tenants.Values) { open.Mark(); }
        return !_tenants.IsEmpty;
    }

    /// <summary>The count that began then has come.</summary>
    /// <param name="counted">Tasks that have not ended, by tenant, of those that have arrived there.</param>
    /// <param name="onTheWay">How many that were accepted here may not have arrived, besides those of late.</param>
    public void Correct(IReadOnlyDictionary<string, long> counted, long onTheWay)
    {
        ArgumentNullException.ThrowIfNull(counted);
        foreach (var tenant in counted.Keys) { _ = _tenants.GetOrAdd(tenant, static _ => new OpenCount()); }
        foreach (var (tenant, open) in _tenants)
        {
            if (open.Correct(counted.GetValueOrDefault(tenant), onTheWay)) { _ = _tenants.TryRemove(tenant, out _); }
        }
    }
}
