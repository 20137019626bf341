using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>Which agents could do a task now, whether they are busy or not. Pure.</summary>
public static class AgentSearch
{
    /// <summary>Most agents of one answer.</summary>
    public const int Most = 1000;

    /// <summary>
    /// The agents that get work and could take the claim if they were idle: first those that have the room now, the best first, then the
    /// others. When there is none: why, as a claim of its own would be told.
    /// </summary>
    /// <param name="claim">What is asked for.</param>
    /// <param name="pool">The pool at one moment.</param>
    /// <param name="most">How many are wanted.</param>
    /// <param name="knownFor">An agent that was heard within this counts when feasibility is judged.</param>
    public static AgentsFound Of(ResourceClaim claim, PoolSnapshot pool, int most, TimeSpan knownFor)
    {
        var fitting = pool.Agents.Where(agent => WaitSnapshot.MayServe(agent, claim)).ToList();
        fitting.Sort((one, other) => Order(claim, one, other));
        var found = new AgentsFound
        {
            TaskId = claim.Attempt.TaskId,
            Attempt = claim.Attempt.Attempt,
            AgentIds = [.. fitting.Take(Math.Clamp(most, 1, Most)).Select(agent => agent.Id)],
        };
        if (fitting.Count > 0) { return found; }
        var why = Placement.Answer(claim, pool.Agents, pool.Now - knownFor);
        return found with { Code = why.Code, Reason = why.Sentence, IsFinal = why.IsFinal };
    }

    private static int Order(ResourceClaim claim, PoolAgent one, PoolAgent other)
    {
        if (ReferenceEquals(one, other)) { return 0; }
        var free = Placement.CanTake(other, claim).CompareTo(Placement.CanTake(one, claim));
        return free != 0 ? free : PlacementOrder.IsBetter(one, other, claim) ? -1 : 1;
    }
}
