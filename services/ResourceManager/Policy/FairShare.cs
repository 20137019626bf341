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

    /// <summary>
    /// Which claim of the line is served first; null when none could have room. It looks at the first claim of each class only, and at few of
    /// them: those before the first in the line that could have it, and those of the requesters that have less than its own. What it reckons of
    /// shares it leaves with the line, until <see cref="WaitingLine.ForgetShare"/>.
    /// </summary>
    /// <param name="line">Who waits.</param>
    /// <param name="isOpen">Whether a claim could have room now; the same for all of a class but for their places.</param>
    public ResourceClaim? Next(WaitingLine line, Func<ResourceClaim, bool> isOpen)
    {
        ArgumentNullException.ThrowIfNull(line);
        var first = First(line.Classes, long.MaxValue, isOpen);
        if (first is null || _windowUs <= 0 || (line.Requesters.Count == 1 && !quotas.HaveGuarantees)) { return first?.Head; }
        var end = first.Head.Line.KeyUs + _windowUs;
        return quotas.HaveGuarantees && Best(line, null, end, claim => Guarantees(claim) && isOpen(claim)) is { } guaranteed
            ? guaranteed
            : Best(line, first, end, isOpen);
    }

    /// <summary>What a requester has, as a part of the fleet, by its weight.</summary>
    public double Share(string requester) => Dominant(use.GetValueOrDefault(requester), fleet) / quotas.Of(requester).Weight;

    /// <summary>Whether a claim stays within what is guaranteed to its requester.</summary>
    public bool Guarantees(ResourceClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return quotas.Of(claim.Requester).Guarantees(use.GetValueOrDefault(claim.Requester), claim.Wanted);
    }

    /// <summary>The part that something is of the whole, of the kind of which it is the largest part.</summary>
    public static double Dominant(Quantities used, Quantities whole)
    {
        var most = Larger(Part(used.Slots, whole.Slots), Part(used.CpuMilli, whole.CpuMilli));
        most = Larger(most, Part(used.MemoryMib, whole.MemoryMib));
        return Larger(Larger(most, Part(used.StorageMib, whole.StorageMib)), Part(used.Gpus, whole.Gpus));
    }

    // The first claim of the requester with the smallest share; of several with the same share, the first in the line. Whoever has more than the
    // best that is found so far is not looked at.
    private ResourceClaim? Best(WaitingLine line, LineClass? known, long end, Func<ResourceClaim, bool> isOpen)
    {
        var (best, least) = (known?.Head, known is null ? double.MaxValue : Reckon(known.Requester));
        foreach (var requester in line.Requesters)
        {
            var share = requester.Share;
            if (double.IsNaN(share) || !ReferenceEquals(requester.SharedBy, this)) { share = Reckon(requester); }
            if (best is not null && (share > least || ReferenceEquals(requester, known?.Requester))) { continue; }
            if (First(requester.Classes, end, isOpen)?.Head is not { } head) { continue; }
            if (best is null || share < least || head.Line < best.Line) { (best, least) = (head, share); }
        }

        return best;
    }

    private static LineClass? First(PlaceOrder<LineClass> classes, long end, Func<ResourceClaim, bool> isOpen)
    {
        for (var i = 0; i < classes.Count; i++)
        {
            if (classes[i].Head.Line.KeyUs >= end) { return null; }
            if (isOpen(classes[i].Head)) { return classes[i]; }
        }

        return null;
    }

    private double Reckon(RequesterQueue requester)
    {
        (requester.Share, requester.SharedBy) = (Share(requester.Name), this);
        return requester.Share;
    }

    // Not Math.Max, which also thinks of what is not a number.
    private static double Larger(double one, double other) => one > other ? one : other;

    private static double Part(long used, long whole) => whole == 0 ? 0 : (double)used / whole;
}
