using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Policy;

/// <summary>Which agent is kept for a claim that waits. Pure.</summary>
public static class EarmarkPlan
{
    /// <summary>
    /// The agent on which the claim can start first, as far as nine of ten run times tell; where they do not tell, the one on which the fewest
    /// have to end. Null when no agent could take it, or when whoever it waits for there gives back enough by himself: then its place in the line is enough.
    /// </summary>
    /// <param name="claim">Who waits.</param>
    /// <param name="agents">Agents, and what is held on each.</param>
    /// <param name="runTimes">How long work runs.</param>
    /// <param name="now">The store's clock.</param>
    public static (PoolAgent Agent, Earmark Earmark)? Of(
        ResourceClaim claim, IEnumerable<(PoolAgent Agent, IEnumerable<Reservation> Held)> agents, RunTimes runTimes, DateTimeOffset now)
    {
        Start? best = null;
        foreach (var (agent, held) in agents)
        {
            if (!agent.TakesWork || agent.Facts.Earmark is not null || AgentFit.Of(claim, agent) != Misfit.None) { continue; }
            if (StartOn(agent, held, claim, runTimes, now) is { } start && (best is null || start.IsBefore(best))) { best = start; }
        }

        return best is null || best.IsEasy
            ? null
            : (best.Agent, new Earmark { Owner = claim.Line, Spare = best.Spare, StartsAt = best.At });
    }

    private static Start? StartOn(PoolAgent agent, IEnumerable<Reservation> held, ResourceClaim claim, RunTimes runTimes, DateTimeOffset now)
    {
        var ends = held.Select(one => (one.Held, At: EndOf(one, runTimes, now)))
            .OrderBy(end => end.At ?? DateTimeOffset.MaxValue).ToList();
        // Below zero on an agent that has become smaller than what runs on it.
        var free = agent.Ledger.Declared - agent.Ledger.Used;
        var (count, at) = (0, (DateTimeOffset?)now);
        while (!claim.Wanted.FitsIn(free))
        {
            if (count == ends.Count) { return null; }
            (free, at) = (free + ends[count].Held, ends[count].At);
            count++;
        }

        return new Start(agent, at, count, free - claim.Wanted, count > 0 && claim.Wanted.FitsIn(ends[count - 1].Held));
    }

    // What has run longer than nine of ten may take as long again: nothing is known about it any more.
    private static DateTimeOffset? EndOf(Reservation held, RunTimes runTimes, DateTimeOffset now) =>
        held.GrantedAt + runTimes.P90(held.TaskType) is { } end && end > now ? end : null;

    private sealed record Start(PoolAgent Agent, DateTimeOffset? At, int Releases, Quantities Spare, bool IsEasy)
    {
        public bool IsBefore(Start other)
        {
            var byTime = (At ?? DateTimeOffset.MaxValue).CompareTo(other.At ?? DateTimeOffset.MaxValue);
            if (byTime != 0) { return byTime < 0; }
            return Releases != other.Releases ? Releases < other.Releases : string.CompareOrdinal(Agent.Id, other.Agent.Id) < 0;
        }
    }
}
