using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>What a requester has and may have. Pure.</summary>
public static class QuotaView
{
    /// <summary>The quota as others see it.</summary>
    public static RequesterQuota Of(string requester, PoolSnapshot pool)
    {
        var quota = pool.Scene.Rules.Quotas.Of(requester);
        var used = pool.Scene.Use.GetValueOrDefault(requester);
        return new RequesterQuota
        {
            RequesterId = requester,
            At = pool.Now,
            Weight = quota.Weight,
            Borrowing = quota.Borrows,
            DominantShare = Math.Min(1, FairShare.Dominant(used, pool.Fleet)),
            Resources =
            [
                .. Dimension.All.Select(kind => new QuotaKind
                {
                    Kind = kind.Kind,
                    Used = kind.Outside(used),
                    Guaranteed = Bound(quota.Guaranteed, kind),
                    Limit = Bound(quota.Ceiling, kind),
                }),
            ],
        };
    }

    private static double? Bound(Quantities? bound, Dimension kind) =>
        bound is { } amounts && kind.Of(amounts) != long.MaxValue ? kind.Outside(amounts) : null;
}
