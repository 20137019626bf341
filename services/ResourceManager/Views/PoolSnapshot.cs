using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>The pool at one moment, for whoever only looks.</summary>
/// <param name="Now">The store's clock.</param>
/// <param name="Agents">Every agent that is known, by id; what is held on it is in its sums only.</param>
/// <param name="Held">Every reservation that holds something.</param>
public sealed record PoolSnapshot(
    DateTimeOffset Now, IReadOnlyList<PoolAgent> Agents, IReadOnlyList<Reservation> Held)
{
    /// <summary>Quotas, and what each requester has.</summary>
    public LineScene Scene { get; init; } = LineScene.Plain;

    /// <summary>What agents said last that they work on; only where the whole pool is looked at.</summary>
    public IReadOnlyList<AgentReport> Reports { get; init; } = [];

    /// <summary>What all agents that are online can hold.</summary>
    public Quantities Fleet => Agents.Where(agent => agent.Facts.Standing == Standing.Online)
        .Aggregate(Quantities.None, (sum, agent) => sum + agent.Ledger.Declared);
}

/// <summary>One claim that waits, and what it waits behind.</summary>
/// <param name="Pool">The pool at the same moment.</param>
/// <param name="Claim">The claim.</param>
/// <param name="Ahead">Claims before it, in order; the first <see cref="AheadMax"/> of them.</param>
/// <param name="AheadCount">How many stand before it.</param>
/// <param name="Length">How many wait at all.</param>
public sealed record WaitSnapshot(
    PoolSnapshot Pool, ResourceClaim Claim, IReadOnlyList<ResourceClaim> Ahead, int AheadCount, int Length)
{
    /// <summary>Most claims before it that are looked at.</summary>
    public const int AheadMax = 1000;

    private IReadOnlyList<ResourceClaim>? _rivals;

    /// <summary>The first claims of each class behind it, as far as fairness between requesters may let them pass.</summary>
    public IReadOnlyList<ResourceClaim> Behind { get; init; } = [];

    /// <summary>Those of <see cref="Behind"/> that want room which this claim could have.</summary>
    public IEnumerable<ResourceClaim> Followers
    {
        get
        {
            var mine = Pool.Agents.Where(agent => MayServe(agent, Claim)).ToList();
            return Behind.Where(claim => mine.Exists(agent => MayServe(agent, claim)));
        }
    }

    /// <summary>Whether its requester cannot have as much as there is.</summary>
    public bool IsLimited => Pool.Scene.Rules.Quotas.Of(Claim.Requester).Ceiling is not null;

    /// <summary>Those of <see cref="Ahead"/> that go on the same account, where that is limited.</summary>
    public IEnumerable<ResourceClaim> OwnAhead => IsLimited ? Ahead.Where(claim => claim.Requester == Claim.Requester) : [];

    /// <summary>Those of <see cref="Ahead"/> that want room which this claim could have.</summary>
    public IReadOnlyList<ResourceClaim> Rivals => _rivals ??= FindRivals();

    /// <summary>Whether an agent that is online could take a claim if it were empty.</summary>
    public static bool MayServe(PoolAgent agent, ResourceClaim claim) =>
        agent.TakesWork && agent.Fits(claim);

    private IReadOnlyList<ResourceClaim> FindRivals()
    {
        var mine = Pool.Agents.Where(agent => MayServe(agent, Claim)).ToList();
        // Claims of one class fit the same agents, so a thousand of a kind are asked about once.
        var classes = Ahead.DistinctBy(claim => claim.Class).Where(claim => mine.Exists(agent => MayServe(agent, claim)))
            .Select(claim => claim.Class).ToHashSet();
        return [.. Ahead.Where(claim => classes.Contains(claim.Class))];
    }
}

/// <summary>A piece of the line.</summary>
/// <param name="Pool">The pool at the same moment; its reservations are left out.</param>
/// <param name="Claims">The piece, in order.</param>
/// <param name="Before">How many stand before it.</param>
/// <param name="Length">How many wait at all.</param>
public sealed record LineSnapshot(PoolSnapshot Pool, IReadOnlyList<ResourceClaim> Claims, int Before, int Length);
