using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;

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
        var fuller = Share(agent.Ledger).CompareTo(Share(other.Ledger));
        if (fuller == 0) { return string.CompareOrdinal(agent.Id, other.Id) < 0; }
        return claim.Placement.Strategy == PlacementStrategy.Pack ? fuller > 0 : fuller < 0;
    }

    // How full an agent is by the kind that is scarcest on it. Only compared, never added up: a fraction does no harm here.
    private static double Share(AgentLedger ledger)
    {
        var (used, capacity) = (ledger.Used, ledger.Capacity);
        return Math.Max(
            Math.Max(Part(used.Slots, capacity.Slots), Part(used.CpuMilli, capacity.CpuMilli)),
            Math.Max(
                Math.Max(Part(used.MemoryMib, capacity.MemoryMib), Part(used.StorageMib, capacity.StorageMib)),
                Part(used.Gpus, capacity.Gpus)));
    }

    private static double Part(long used, long capacity) => capacity == 0 ? 0 : (double)used / capacity;
}
