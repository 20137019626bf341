using System.Diagnostics.Metrics;
using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>What the pool measures; meter <c>A2A.ResourceManager</c>.</summary>
public static class PoolMetrics
{
    private static readonly Meter Meter = new("A2A.ResourceManager");

    private static readonly Counter<long> Denials = Meter.CreateCounter<long>(
        "a2a.resource.denials", "{claim}", "Claims that can never have a place, by what was missing.");

    private static readonly Counter<long> Expired = Meter.CreateCounter<long>(
        "a2a.leases.expired", "{agent}", "Agents that were silent for longer than their lease.");

    private static readonly Counter<long> Strays = Meter.CreateCounter<long>(
        "a2a.resource.reclaimed", "{reservation}", "Reservations that belonged to nobody, by why. Should stay 0.");

    private static readonly Histogram<double> Rounds = Meter.CreateHistogram<double>(
        "a2a.pool.round", "s", "One round of the pool: lock, read, decide, write, commit.");

    private static readonly Counter<long> Violations = Meter.CreateCounter<long>(
        "a2a.resource.invariant_violations", "{round}",
        "Rounds that the database refused because they broke an invariant. Must stay 0.");

    private static PoolAnswer.Reaped _last = new(0, 0, Quantities.None);

    static PoolMetrics()
    {
        _ = Meter.CreateObservableGauge("a2a.resource.waiting", () => Volatile.Read(ref _last).Waiting, "{claim}",
            "Claims in the line, as of the last sweep.");
        _ = Meter.CreateObservableGauge("a2a.resource.used", Used, description:
            "What is held on all agents, in the unit of the dimension, as of the last sweep.");
    }

    /// <summary>Claims were denied, here or before they came.</summary>
    public static void Denied(SubmissionsRefused refused) =>
        Denials.Add(refused.Count, new KeyValuePair<string, object?>("dimension", refused.Dimension));

    /// <summary>A sweep ended.</summary>
    public static void Swept(PoolAnswer.Reaped reaped)
    {
        Volatile.Write(ref _last, reaped);
        if (reaped.Agents > 0) { Expired.Add(reaped.Agents); }
    }

    /// <summary>A reservation that belonged to nobody was taken back.</summary>
    public static void Reclaimed(string reason) => Strays.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A round ended.</summary>
    public static void Round(TimeSpan took) => Rounds.Record(took.TotalSeconds);

    /// <summary>The database refused a round.</summary>
    public static void Violated() => Violations.Add(1);

    private static IEnumerable<Measurement<double>> Used()
    {
        var used = Volatile.Read(ref _last).Used;
        return Dimension.All.Select(dimension => new Measurement<double>(
            dimension.Outside(used), new KeyValuePair<string, object?>("dimension", dimension.Field)));
    }
}
