using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Which of two agents that can both take a claim is the better one. A strict total order over agents for each claim. Pure.</summary>
public static class PlacementOrder
{
    /// <summary>Whether an agent is better than another.</summary>
    public static bool IsBetter(PoolAgent agent, PoolAgent other, ResourceClaim claim)
    {
        var avoided = (agent.Id == claim.Avoid).CompareTo(other.Id == claim.Avoid);
        if (avoided != 0) { return avoided < 0; }
        var (mine, its) = (claim.Placement.Score(agent), claim.Placement.Score(other));
        if (mine != its) { return mine > its; }
        if (agent.Ledger.Free.Gpus != other.Ledger.Free.Gpus) { return agent.Ledger.Free.Gpus < other.Ledger.Free.Gpus; }
        // The emptiest by the kind that is scarcest on it; packed, the one on which least is left by the kind of which most is left, so that
        // one whose slots are taken while its cores are idle does not pass for full. Only compared, never added up: a fraction does no harm.
        var order = IsPacked(claim)
            ? Left(agent.Ledger, claim).CompareTo(Left(other.Ledger, claim))
            : FairShare.Dominant(agent.Ledger.Used, agent.Ledger.Capacity).CompareTo(FairShare.Dominant(other.Ledger.Used, other.Ledger.Capacity));
        return order != 0 ? order < 0 : string.CompareOrdinal(agent.Id, other.Id) < 0;
    }

    /// <summary>
    /// Whether it goes where least is left. Whoever says nothing is packed if it asks for more than a slot: spread, such tasks leave a part of every
    /// agent, and no whole one for those that need it (docs/scheduling.md). Those that ask for a slot alone take nothing that others could miss.
    /// </summary>
    private static bool IsPacked(ResourceClaim claim) => claim.Placement.Strategy switch
    {
        null => claim.Wanted != new Quantities(claim.Wanted.Slots, 0, 0, 0, 0),
        var asked => asked == PlacementStrategy.Pack,
    };

    private static double Left(AgentLedger ledger, ResourceClaim claim) => FairShare.Dominant(ledger.Free - claim.Wanted, ledger.Capacity);
}
