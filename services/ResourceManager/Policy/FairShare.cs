using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Policy;

/// <summary>
/// Who is served first among claims of several requesters that all could have the same room: those within what is guaranteed to them, then
/// the requester with the smallest weighted dominant share (the kind of which it has most, as a part of the fleet), then the line's order.
/// Only claims whose place is less than the window behind the first one's take part, so that nobody is overtaken by whoever joins later than
/// the window and the priorities allow (docs/scheduling.md). Pure.
/// </summary>
/// <param name="quotas">Guarantees and weights.</param>
/// <param name="use">What each requester has now.</param>
/// <param name="fleet">What there is.</param>
/// <param name="window">How much of a place in the line fairness may cost.</param>
public sealed class FairShare(QuotaRules quotas, IReadOnlyDictionary<string, Quantities> use, Quantities fleet, TimeSpan window)
{
    private readonly long _windowUs = window.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Which of the claims is served first; at least one must be given.</summary>
    public int Next(IReadOnlyList<ResourceClaim> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        var first = 0;
        for (var i = 1; i < open.Count; i++)
        {
            if (open[i].Line < open[first].Line) { first = i; }
        }

        var (best, rank, end) = (first, Rank(open[first]), open[first].Line.KeyUs + _windowUs);
        for (var i = 0; i < open.Count; i++)
        {
            if (open[i].Line.KeyUs >= end) { continue; }
            var its = Rank(open[i]);
            var order = its.CompareTo(rank);
            if (order < 0 || (order == 0 && open[i].Line < open[best].Line)) { (best, rank) = (i, its); }
        }

        return best;
    }

    /// <summary>The part that something is of the whole, of the kind of which it is the largest part.</summary>
    public static double Dominant(Quantities used, Quantities whole) => Math.Max(
        Math.Max(Part(used.Slots, whole.Slots), Part(used.CpuMilli, whole.CpuMilli)),
        Math.Max(Math.Max(Part(used.MemoryMib, whole.MemoryMib), Part(used.StorageMib, whole.StorageMib)), Part(used.Gpus, whole.Gpus)));

    // What is guaranteed goes first, then the smaller share.
    private (bool Borrows, double Share) Rank(ResourceClaim claim)
    {
        var (quota, used) = (quotas.Of(claim.Requester), use.GetValueOrDefault(claim.Requester));
        return (!quota.Guarantees(used, claim.Wanted), Dominant(used, fleet) / quota.Weight);
    }

    private static double Part(long used, long whole) => whole == 0 ? 0 : (double)used / whole;
}
