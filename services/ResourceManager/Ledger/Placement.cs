using System.Globalization;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Which agent takes a claim, and if none does: why, and whether waiting helps. Pure.</summary>
public static class Placement
{
    /// <summary>
    /// Whether an agent can take a claim now: it could if it were idle (<see cref="AgentFit"/>), gets work, and has room that is kept for
    /// nobody else.
    /// </summary>
    /// <param name="agent">The agent.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="endsBy">When the claim will have ended; null when that is not known. It decides where room is kept for others.</param>
    public static bool CanTake(PoolAgent agent, ResourceClaim claim, DateTimeOffset? endsBy = null) =>
        agent.TakesWork && HasRoom(agent, claim, endsBy) && agent.Fits(claim);

    /// <summary>
    /// The agent for a claim, null if none can take it now. Not the one that failed it last if another fits; then the one with the labels
    /// that are preferred; GPUs are left to those who need them; then the emptiest by its scarcest kind or the fullest; then by id.
    /// </summary>
    public static PoolAgent? Choose(ResourceClaim claim, IEnumerable<PoolAgent> agents, DateTimeOffset? endsBy = null)
    {
        PoolAgent? best = null;
        foreach (var agent in agents)
        {
            if (CanTake(agent, claim, endsBy) && (best is null || PlacementOrder.IsBetter(agent, best, claim))) { best = agent; }
        }

        return best;
    }

    /// <summary>The same among those that have a slot free.</summary>
    internal static PoolAgent? Choose(ResourceClaim claim, List<PoolAgent> open, DateTimeOffset? endsBy)
    {
        PoolAgent? best = null;
        foreach (var agent in open)
        {
            if (CanTake(agent, claim, endsBy) && (best is null || PlacementOrder.IsBetter(agent, best, claim))) { best = agent; }
        }

        return best;
    }

    /// <summary>The same among agents that are sorted out already.</summary>
    public static PoolAgent? Choose(ResourceClaim claim, Candidates among, DateTimeOffset? endsBy = null)
    {
        PoolAgent? best = null;
        foreach (var agent in among.Fitting)
        {
            if (HasRoom(agent, claim, endsBy) && (best is null || PlacementOrder.IsBetter(agent, best, claim))) { best = agent; }
        }

        return best;
    }

    /// <summary>Why a claim that nobody can take now does not run, and whether waiting helps.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="agents">Every agent that is known.</param>
    /// <param name="knownSince">An agent that was last heard before this does not count as one that could come back.</param>
    /// <param name="scene">Quotas and what is kept free for others; null: nothing is.</param>
    public static Refusal Explain(ResourceClaim claim, IEnumerable<PoolAgent> agents, DateTimeOffset knownSince, LineScene? scene = null) =>
        Explain(claim, Candidates.Of(claim, agents, knownSince), scene);

    /// <summary>The same among agents that are sorted out already.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="among">The agents that matter to it.</param>
    /// <param name="scene">Quotas and what is kept free for others; null: nothing is.</param>
    /// <param name="isFull">It is known that no agent has a slot free.</param>
    public static Refusal Explain(ResourceClaim claim, Candidates among, LineScene? scene = null, bool isFull = false) =>
        among.Never ?? scene?.Quota(claim) ?? Wait(claim, among, isFull);

    /// <summary>The same as an answer to a new claim: one that waits for agents nobody knows yet is not told no for good.</summary>
    public static Refusal Answer(ResourceClaim claim, IEnumerable<PoolAgent> agents, DateTimeOffset knownSince, LineScene? scene = null) =>
        Answer(claim, Candidates.Of(claim, agents, knownSince), scene);

    /// <summary>The same among agents that are sorted out already.</summary>
    public static Refusal Answer(ResourceClaim claim, Candidates among, LineScene? scene = null, bool isFull = false)
    {
        var why = Explain(claim, among, scene, isFull);
        return why.IsFinal && why.Code != "EXCLUDED" && claim.Placement.OnInfeasible == OnInfeasible.Wait ? why.Waits() : why;
    }

    private static bool HasRoom(PoolAgent agent, ResourceClaim claim, DateTimeOffset? endsBy) =>
        claim.Wanted.FitsIn(agent.Ledger.Free) && (agent.Facts.Earmark is not { } kept || kept.Lets(claim, endsBy));

    private static Refusal Wait(ResourceClaim claim, Candidates among, bool isFull)
    {
        if (among.Working.Count == 0) { return Nobody(claim, among.Asked); }
        if (among.Fitting.Count == 0) { return Away(claim, among.Working); }
        if (isFull) { return among.NoSlot; }
        // No LINQ: each claim that joins the line is told, and this is most of what that costs.
        var most = Quantities.None;
        foreach (var agent in among.Fitting)
        {
            var free = agent.Ledger.Free;
            most = Quantities.Max(most, free);
            if (agent.Facts.Earmark is { } reserved && claim.Wanted.FitsIn(free)) { return Reserved(agent, reserved); }
        }

        if (most.Slots < claim.Wanted.Slots) { return among.NoSlot; }
        var missing = string.Join(", ", Dimension.All.Where(dimension => dimension.Of(most) < dimension.Of(claim.Wanted)).Select(dimension =>
            $"{dimension.Field} {Number(dimension.Outside(claim.Wanted))} is not free on any of {Agents(among.Fitting.Count, claim)}"));
        return Refusal.ForNow("INSUFFICIENT_RESOURCES", missing.Length > 0
            ? missing
            : $"no single one of {Agents(among.Fitting.Count, claim)} has everything free at once");
    }

    private static Refusal Nobody(ResourceClaim claim, List<PoolAgent> asked)
    {
        var kept = string.Join(" or ", asked.Select(WhyKept).OfType<string>().Distinct().Order(StringComparer.Ordinal));
        return claim.Pin is { } pin
            ? Refusal.ForNow("PINNED_AGENT_OFFLINE", kept.Length == 0 ? $"agent {pin} is not online with {claim.TaskType}" : $"agent {pin} is {kept}")
            : Refusal.ForNow("NO_AGENT_FOR_TYPE", kept.Length == 0
                ? $"no online agent handles {claim.TaskType}"
                : $"every online agent that handles {claim.TaskType} is {kept}");
    }

    // Of one that is here and gets no work; null for one that is away.
    private static string? WhyKept(PoolAgent agent) => agent.Facts switch
    {
        { Standing: Standing.Draining } or { Standing: Standing.Online, Cordon.Drains: true } => "draining",
        { Standing: Standing.Online, Cordon: not null } => "cordoned",
        { Standing: Standing.Online } => "on hold after failures in a row",
        { Standing: Standing.Quarantined } => "in quarantine after a silence",
        _ => null,
    };

    private static Refusal Reserved(PoolAgent agent, Earmark reserved) => Refusal.ForNow(
        "RESERVED", $"agent {agent.Id} has room, which is kept for task {reserved.Owner.Attempt.TaskId}: it waits for more"
            + (reserved.StartsAt is { } start ? $" and is to start at {start.UtcDateTime:HH:mm:ss} UTC" : ""));

    // Somebody who is known could run it, but not one of those that get work now.
    private static Refusal Away(ResourceClaim claim, List<PoolAgent> working) =>
        working.Exists(agent => AgentFit.Of(claim, agent) == Misfit.TooSmall)
            ? Refusal.ForNow("INSUFFICIENT_RESOURCES", "the agents that are large enough are offline")
            : Refusal.ForNow("NO_AGENT_MATCHES_CONSTRAINTS", "the agents with the labels that are asked for are offline");

    private static string Agents(int count, ResourceClaim claim) => Feasibility.Agents(count, claim.TaskType);

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

    /// <summary>The same for a task that waits for agents which nobody knows yet.</summary>
    public Refusal Waits() => ForNow(Code == "INFEASIBLE" ? "INFEASIBLE_NOW" : Code, $"no agent that is known could run it: {Sentence}");
}
