using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Policy;

/// <summary>What governs the line besides its order, and what has been learned about run times.</summary>
public sealed record LineRules
{
    /// <summary>Only the line's order.</summary>
    public static LineRules Plain { get; } = new();

    /// <summary>Who may have how much.</summary>
    public QuotaRules Quotas { get; init; } = QuotaRules.None;

    /// <summary>Slots that the tasks of one tenant may hold at once; 0: as many as there are.</summary>
    public int TenantMax { get; init; }

    /// <summary>Whether anybody can have too much.</summary>
    public bool HaveLimits => TenantMax > 0 || Quotas.HaveLimits;

    /// <summary>How much of a place in the line fairness between requesters may cost; zero: the line's order alone counts.</summary>
    public TimeSpan FairShareWindow { get; init; }

    /// <summary>Most claims for which room is kept at the same time; 0: none.</summary>
    public int EarmarksMax { get; init; }

    /// <summary>How long a claim has waited before room is kept for it.</summary>
    public TimeSpan EarmarkAfter { get; init; }

    /// <summary>What one step of priority is worth in waiting: how the priority of a claim is read from its place.</summary>
    public TimeSpan AgingStep { get; init; }

    /// <summary>Claims of this priority and above may have room made for them; 0: none may.</summary>
    public int PreemptFrom { get; init; }

    /// <summary>When agents are put on hold.</summary>
    public HoldRules Holds { get; init; } = HoldRules.Never;

    /// <summary>How long work runs, as far as it was seen.</summary>
    public RunTimes RunTimes { get; init; } = new();

    /// <summary>As an operator set it.</summary>
    public static LineRules Of(ResourceManagerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new LineRules
        {
            Quotas = new QuotaRules(Quota.Of(options.DefaultQuota), options.Quotas.ToDictionary(
                own => own.Key, own => Quota.Of(own.Value), StringComparer.Ordinal)),
            TenantMax = options.RunningPerTenantMax,
            FairShareWindow = options.FairShareWindow,
            EarmarksMax = options.EarmarksMax,
            EarmarkAfter = options.EarmarkAfter,
            AgingStep = options.AgingStep,
            PreemptFrom = options.PreemptFrom,
            Holds = new HoldRules(options.HoldAfter, options.HoldFirst, options.HoldLongest),
        };
    }
}

/// <summary>What a look at the line needs besides agents and claims.</summary>
/// <param name="Rules">What governs the line.</param>
/// <param name="Use">What each requester has now, and by <see cref="Account"/> the slots of each tenant where those are limited.</param>
public sealed record LineScene(LineRules Rules, IReadOnlyDictionary<string, Quantities> Use)
{
    /// <summary>Nothing but the line's order.</summary>
    public static LineScene Plain { get; } = new(LineRules.Plain, new Dictionary<string, Quantities>());

    /// <summary>The name under which the slots of a task's tenant are counted; no requester is called so.</summary>
    public static string Account(string taskId) => "@" + TenantNames.TenantOf(taskId);

    /// <summary>Why a claim waits for the quota of its requester or its tenant; null when they allow it.</summary>
    public Refusal? Quota(ResourceClaim claim)
    {
        if (Rules.Quotas.HaveLimits && Rules.Quotas.Forbids(claim.Requester, Use.GetValueOrDefault(claim.Requester), claim.Wanted) is { } sentence)
        {
            return Refusal.ForNow("REQUESTER_QUOTA", sentence);
        }

        return TenantLets(claim) ? null : Refusal.ForNow("TENANT_QUOTA",
            $"tenant {TenantNames.TenantOf(claim.Attempt.TaskId)} has {TenantSlots(claim)} tasks at work and may have {Rules.TenantMax}");
    }

    /// <summary>When a claim that starts now will have ended, in nine of ten cases; null when the history does not tell.</summary>
    public DateTimeOffset? EndsBy(ResourceClaim claim, DateTimeOffset now) => now + Rules.RunTimes.P90(claim.TaskType);

    /// <summary>Whether the quotas of its requester and its tenant allow a claim.</summary>
    public bool Lets(ResourceClaim claim) =>
        !Rules.HaveLimits || (TenantLets(claim) && (!Rules.Quotas.HaveLimits || Lets(claim, Use.GetValueOrDefault(claim.Requester))));

    /// <summary>Whether the tenant may have so many slots and those of the claim.</summary>
    public bool TenantLets(ResourceClaim claim, long slots) => Rules.TenantMax == 0 || slots <= Rules.TenantMax - claim.Wanted.Slots;

    private bool TenantLets(ResourceClaim claim) => Rules.TenantMax == 0 || TenantLets(claim, TenantSlots(claim));

    private long TenantSlots(ResourceClaim claim) => Use.GetValueOrDefault(Account(claim.Attempt.TaskId)).Slots;

    /// <summary>Whether the requester's quota would if the requester had so much.</summary>
    public bool Lets(ResourceClaim claim, Quantities used) => Rules.Quotas.Of(claim.Requester).Lets(used, claim.Wanted);
}
