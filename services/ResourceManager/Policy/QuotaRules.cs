using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.ResourceManager.Policy;

/// <summary>Who may have how much: one rule for everybody and others by name. Pure.</summary>
/// <param name="common">For whoever has no rule of its own.</param>
/// <param name="own">Rules by requester.</param>
public sealed class QuotaRules(Quota common, IReadOnlyDictionary<string, Quota> own)
{
    /// <summary>Tasks that name nobody count together as this requester.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>Nothing is guaranteed and nothing forbidden.</summary>
    public static QuotaRules None { get; } = new(Quota.Unlimited, new Dictionary<string, Quota>());

    /// <summary>Whether anybody can have too much.</summary>
    public bool HaveLimits { get; } = common.Ceiling is not null || own.Values.Any(quota => quota.Ceiling is not null);

    /// <summary>Whether anything is guaranteed to anybody.</summary>
    public bool HaveGuarantees { get; } = common.Guaranteed is not null || own.Values.Any(quota => quota.Guaranteed is not null);

    /// <summary>The rule of a requester.</summary>
    public Quota Of(string requester) => own.Count == 0 ? common : own.GetValueOrDefault(requester, common);

    /// <summary>Why a claim waits for its requester's quota; null when that allows it.</summary>
    /// <param name="requester">Whose quota.</param>
    /// <param name="used">What the requester has now.</param>
    /// <param name="wanted">What is asked for besides.</param>
    public string? Forbids(string requester, Quantities used, Quantities wanted)
    {
        var quota = Of(requester);
        if (quota.Lets(used, wanted)) { return null; }
        var kinds = quota.Over(used, wanted).Select(kind =>
            $"{Number(kind, used)} + {Number(kind, wanted)} of at most {Number(kind, quota.Ceiling!.Value)} {kind.Field}");
        return $"requester {requester} has its quota: {string.Join(", ", kinds)}";
    }

    private static string Number(Dimension kind, Quantities amount) =>
        kind.Outside(amount).ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);
}
