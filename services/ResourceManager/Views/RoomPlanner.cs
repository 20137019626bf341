using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>What would become of a claim that nobody has made: the same decisions as in the pool, and nothing is changed. Pure.</summary>
public static class RoomPlanner
{
    /// <summary>The plan.</summary>
    /// <param name="seen">The claim as if it stood in the line, and the pool at one moment.</param>
    /// <param name="runTimes">How long work runs, by type.</param>
    /// <param name="knownFor">An agent that was heard within this counts when feasibility is judged.</param>
    public static RoomPlan Of(WaitSnapshot seen, IEnumerable<TypeRunTime> runTimes, TimeSpan knownFor)
    {
        if (seen.Pool.Scene.Lets(seen.Claim)
            && Placement.Choose(seen.Claim, seen.Pool.Agents, seen.Pool.Scene.EndsBy(seen.Claim, seen.Pool.Now)) is { } agent)
        {
            return new RoomPlan { At = seen.Pool.Now, Feasible = true, AgentId = agent.Id };
        }

        var knownSince = seen.Pool.Now - knownFor;
        var why = Placement.Answer(seen.Claim, seen.Pool.Agents, knownSince, seen.Pool.Scene);
        return new RoomPlan
        {
            At = seen.Pool.Now,
            Feasible = !Placement.Explain(seen.Claim, seen.Pool.Agents, knownSince).IsFinal,
            Denied = why.IsFinal ? new WaitReason { Code = why.Code, Sentence = why.Sentence } : null,
            Waits = WaitExplainer.Of(seen, runTimes, knownFor),
        };
    }
}
