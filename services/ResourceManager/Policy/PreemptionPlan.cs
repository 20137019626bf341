using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Policy;

/// <summary>Whose room is taken for a more urgent claim. Pure.</summary>
/// <param name="Agent">Where.</param>
/// <param name="Victims">Who makes room: no fewer would do.</param>
/// <param name="Spare">What will be left beside the claim.</param>
public sealed record PreemptionPlan(PoolAgent Agent, IReadOnlyList<Reservation> Victims, Quantities Spare)
{
    /// <summary>
    /// The agent on which the least work is lost: of those who hold room there, allow it, are of a lower priority and were not asked before, the
    /// ones that began last, as few as it takes. What is lost is at most what was done since the last checkpoint; how long that is the pool does
    /// not know, and takes the time since the attempt began for it. Null when that is not enough anywhere.
    /// </summary>
    /// <param name="claim">Who needs room.</param>
    /// <param name="priority">Its priority.</param>
    /// <param name="agents">Agents, and what is held on each.</param>
    /// <param name="now">The store's clock.</param>
    public static PreemptionPlan? Of(
        ResourceClaim claim, int priority, IEnumerable<(PoolAgent Agent, IEnumerable<Reservation> Held)> agents, DateTimeOffset now)
    {
        var (best, least) = ((PreemptionPlan?)null, TimeSpan.MaxValue);
        foreach (var (agent, held) in agents)
        {
            if (!agent.TakesWork || agent.Facts.Earmark is not null || !agent.Fits(claim)) { continue; }
            if (On(agent, held.Where(one => one.Yields < priority && one.YieldsTo is null), claim) is not { } plan) { continue; }
            var lost = plan.Victims.Aggregate(TimeSpan.Zero, (sum, one) => sum + (now - one.GrantedAt));
            if (lost > least || (lost == least && best is not null && string.CompareOrdinal(agent.Id, best.Agent.Id) > 0)) { continue; }
            (best, least) = (plan, lost);
        }

        return best;
    }

    private static PreemptionPlan? On(PoolAgent agent, IEnumerable<Reservation> yielding, ResourceClaim claim)
    {
        // Below zero on an agent that has become smaller than what runs on it.
        var free = agent.Ledger.Declared - agent.Ledger.Used;
        var victims = new List<Reservation>();
        foreach (var one in yielding.OrderByDescending(one => one.GrantedAt).ThenBy(one => one.Attempt.TaskId, StringComparer.Ordinal))
        {
            if (claim.Wanted.FitsIn(free)) { break; }
            victims.Add(one);
            free += one.Held;
        }

        if (victims.Count == 0 || !claim.Wanted.FitsIn(free)) { return null; }
        // Those that began first lose most: whoever is not needed is spared.
        for (var i = victims.Count - 1; i >= 0; i--)
        {
            if (!claim.Wanted.FitsIn(free - victims[i].Held)) { continue; }
            free -= victims[i].Held;
            victims.RemoveAt(i);
        }

        return new PreemptionPlan(agent, victims, free - claim.Wanted);
    }
}
