using System.Globalization;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Which agent takes a claim, and if none does: why, and whether waiting helps. Pure.</summary>
public static class Placement
{
    /// <summary>Whether an agent can take a claim now.</summary>
    public static bool CanTake(PoolAgent agent, ResourceClaim claim) =>
        agent.Facts.Standing == Standing.Online
        && claim.MayGoTo(agent.Id)
        && claim.Wanted.FitsIn(agent.Ledger.Free)
        && claim.Wanted.FitsIn(agent.Ledger.Declared)
        && agent.Covers(claim.TaskType);

    /// <summary>
    /// The agent for a claim, null if none can take it now. Not the one that failed it last if another fits; GPUs are left to those
    /// who need them; then the one with the smallest share of its slots in use; then by id.
    /// </summary>
    public static PoolAgent? Choose(ResourceClaim claim, IEnumerable<PoolAgent> agents)
    {
        PoolAgent? best = null;
        foreach (var agent in agents)
        {
            if (CanTake(agent, claim) && (best is null || IsBetter(agent, best, claim))) { best = agent; }
        }

        return best;
    }

    /// <summary>Why a claim that nobody can take now does not run, and whether waiting helps.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="agents">Every agent that is known.</param>
    /// <param name="knownSince">An agent that was last heard before this does not count as one that could come back.</param>
    public static Refusal Explain(ResourceClaim claim, IEnumerable<PoolAgent> agents, DateTimeOffset knownSince)
    {
        var covering = agents
            .Where(agent => agent.Covers(claim.TaskType) && (claim.Pin is null || claim.Pin == agent.Id))
            .Where(agent => agent.Facts.Standing == Standing.Online || agent.Facts.LastSeenAt >= knownSince)
            .ToList();
        var online = covering.Where(agent => agent.Facts.Standing == Standing.Online).ToList();
        if (online.Count > 0 && online.All(agent => claim.Excluded.Contains(agent.Id)))
        {
            return Refusal.Final("EXCLUDED", $"every online agent that handles {claim.TaskType} rejected it: "
                + string.Join(", ", online.Select(agent => agent.Id).Order(StringComparer.Ordinal)));
        }

        var possible = covering.Where(agent => !claim.Excluded.Contains(agent.Id)).ToList();
        if (possible.Count > 0 && !possible.Exists(agent => claim.Wanted.FitsIn(agent.Ledger.Declared)))
        {
            return Infeasible(claim, possible);
        }

        return Wait(claim, online);
    }

    private static bool IsBetter(PoolAgent agent, PoolAgent best, ResourceClaim claim)
    {
        var avoided = (agent.Id == claim.Avoid).CompareTo(best.Id == claim.Avoid);
        if (avoided != 0) { return avoided < 0; }
        var (mine, its) = (agent.Ledger, best.Ledger);
        if (mine.Free.Gpus != its.Free.Gpus) { return mine.Free.Gpus < its.Free.Gpus; }
        // Shares compared without a division: a/b < c/d is a*d < c*b.
        var share = (mine.Used.Slots * its.Capacity.Slots).CompareTo(its.Used.Slots * mine.Capacity.Slots);
        return share != 0 ? share < 0 : string.CompareOrdinal(agent.Id, best.Id) < 0;
    }

    private static Refusal Wait(ResourceClaim claim, List<PoolAgent> online)
    {
        if (online.Count == 0)
        {
            return claim.Pin is { } pin
                ? Refusal.ForNow("PINNED_AGENT_OFFLINE", $"agent {pin} is not online with {claim.TaskType}")
                : Refusal.ForNow("NO_AGENT_FOR_TYPE", $"no online agent handles {claim.TaskType}");
        }

        var roomy = online
            .Where(agent => claim.MayGoTo(agent.Id) && claim.Wanted.FitsIn(agent.Ledger.Declared))
            .ToList();
        if (roomy.Count > 0 && roomy.TrueForAll(agent => agent.Ledger.Free.Slots < claim.Wanted.Slots))
        {
            return Refusal.ForNow("AGENT_CAPACITY", $"all slots of {Agents(roomy.Count, claim.TaskType)} are taken");
        }

        var missing = roomy.Count == 0
            ? "the agents that are large enough are offline"
            : string.Join(", ", Short(claim.Wanted, roomy.ConvertAll(agent => agent.Ledger.Free)).Select(shortage =>
                $"{shortage.Field} {Number(shortage.Outside(claim.Wanted))} is not free on any of "
                + Agents(roomy.Count, claim.TaskType)));
        return Refusal.ForNow("INSUFFICIENT_RESOURCES", missing.Length > 0
            ? missing
            : $"no single one of {Agents(roomy.Count, claim.TaskType)} has everything free at once");
    }

    private static Refusal Infeasible(ResourceClaim claim, List<PoolAgent> possible)
    {
        var sizes = possible.ConvertAll(agent => agent.Ledger.Declared);
        var shortages = Short(claim.Wanted, sizes);
        if (shortages.Count == 0)
        {
            return Refusal.Final("INFEASIBLE",
                $"no single one of {Agents(possible.Count, claim.TaskType)} has everything that is asked for together",
                "combination");
        }

        var sentence = string.Join("; ", shortages.Select(dimension =>
            $"{dimension.Field} {Number(dimension.Outside(claim.Wanted))} > {Number(sizes.Max(dimension.Outside))}"));
        return Refusal.Final("INFEASIBLE",
            $"{sentence}, the largest of {Agents(possible.Count, claim.TaskType)}", shortages[0].Field);
    }

    private static List<Dimension> Short(Quantities wanted, List<Quantities> rooms) =>
        [.. Dimension.All.Where(dimension => rooms.TrueForAll(room => dimension.Of(room) < dimension.Of(wanted)))];

    private static string Agents(int count, string taskType) =>
        count == 1 ? $"1 agent that handles {taskType}" : $"{count} agents that handle {taskType}";

    private static string Number(double amount) => amount.ToString("0.###", CultureInfo.InvariantCulture);
}

/// <summary>Why a claim has no place.</summary>
/// <param name="Code">Reason code.</param>
/// <param name="Sentence">For a person; names what is missing.</param>
/// <param name="IsFinal">Waiting does not help.</param>
/// <param name="Missing">The dimension that decided, for the metric.</param>
public sealed record Refusal(string Code, string Sentence, bool IsFinal, string Missing)
{
    /// <summary>A no for good.</summary>
    public static Refusal Final(string code, string sentence, string missing = "agent") =>
        new(code, sentence, true, missing);

    /// <summary>Not now.</summary>
    public static Refusal ForNow(string code, string sentence) => new(code, sentence, false, "");
}
