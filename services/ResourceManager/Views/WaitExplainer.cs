using System.Globalization;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>Why a claim waits, with the evidence (experience, reason codes). Pure.</summary>
public static class WaitExplainer
{
    private const int AgentsMax = 50;

    /// <summary>Everything that is known about why it waits.</summary>
    /// <param name="seen">The claim and the pool at one moment.</param>
    /// <param name="runTimes">How long work runs, by type; the last one counts where a type is named twice.</param>
    /// <param name="knownFor">An agent that was heard within this counts when feasibility is judged.</param>
    public static WaitExplanation Of(WaitSnapshot seen, IEnumerable<TypeRunTime> runTimes, TimeSpan knownFor)
    {
        var known = new Dictionary<string, TypeRunTime>(StringComparer.Ordinal);
        foreach (var times in runTimes) { known[times.TaskType] = times; }
        var findings = AgentFindings.Of(seen.Claim, seen.Pool);
        var (tally, start, wanted) = (AgentFindings.Tally(findings), StartForecast.Of(seen, known), StartForecast.Wanted(seen, known));
        return new WaitExplanation
        {
            TaskId = seen.Claim.Attempt.TaskId,
            Attempt = seen.Claim.Attempt.Attempt,
            Reasons = [.. Yielding(seen), Reason(seen.Claim, seen.Pool.Agents, seen.Pool.Now, knownFor, seen.Pool.Scene), .. Others(seen)],
            Summary = AgentFindings.Sentence(tally),
            Tally = tally,
            Agents = [.. findings.Where(finding => finding.Code != "OTHER_TYPE").Take(AgentsMax)],
            Position = seen.AheadCount + 1,
            LineLength = seen.Length,
            RivalsAhead = seen.AheadCount > seen.Ahead.Count ? null : seen.Rivals.Count,
            EnqueuedAt = At(seen.Claim.Line.EnqueuedUs),
            EstimatedStart = start,
            NoEstimate = start is null ? NoEstimate(seen, wanted) : null,
            RunTimesWanted = wanted,
        };
    }

    private static string NoEstimate(WaitSnapshot seen, IReadOnlyList<string> wanted) =>
        seen.AheadCount > seen.Ahead.Count ? $"more than {seen.Ahead.Count} tasks stand before it"
        : !seen.Pool.Agents.Any(agent => WaitSnapshot.MayServe(agent, seen.Claim)) ? "no agent that gets work now could take it"
        : !seen.Pool.Scene.Lets(seen.Claim, Quantities.None) ? "it asks for more than its requester may ever have"
        : wanted.Count > 0 ? $"it is not known yet how long work of these types takes: {string.Join(", ", wanted)}"
        : "what has to end before it can start is not known to end";

    /// <summary>The first reason: what would have to change for the claim to have its place. It is the same for all of its class.</summary>
    public static WaitReason Reason(
        ResourceClaim claim, IReadOnlyCollection<PoolAgent> agents, DateTimeOffset now, TimeSpan knownFor, LineScene? scene = null)
    {
        if (scene?.Lets(claim) != false && Placement.Choose(claim, agents, scene?.EndsBy(claim, now)) is { } agent)
        {
            return Said("PLACING", $"agent {agent.Id} has room; it goes to the first in the line");
        }

        var why = Placement.Explain(claim, agents, now - knownFor, scene);
        return why.Code switch
        {
            // It was possible when it joined the line; now it is a wait for an agent that is not there.
            "INFEASIBLE" => Said("INFEASIBLE_NOW", $"no agent that is known is large enough now: {why.Sentence}"),
            "EXCLUDED" => Said("NO_AGENT_MATCHES_CONSTRAINTS", why.Sentence),
            _ => Said(why.Code, why.Sentence),
        };
    }

    /// <summary>A time of the line.</summary>
    public static DateTimeOffset At(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private static IEnumerable<WaitReason> Others(WaitSnapshot seen)
    {
        // What a place in the line is worth beside the time of joining is the priority's doing.
        var mine = HeadStart(seen.Claim);
        var urgent = seen.Rivals.Count(claim => HeadStart(claim) > mine);
        if (urgent > 0)
        {
            yield return Said("HIGHER_PRIORITY_AHEAD", urgent == 1
                ? "1 task of a higher priority stands before it and wants the same room"
                : $"{urgent} tasks of a higher priority stand before it and want the same room");
        }

        if (Fairness(seen) is { } fairness) { yield return fairness; }
    }

    // Others make room for it.
    private static IEnumerable<WaitReason> Yielding(WaitSnapshot seen)
    {
        var agent = seen.Pool.Agents.FirstOrDefault(one => one.Facts.Earmark is { IsMade: true } made && made.Owner.Attempt == seen.Claim.Attempt);
        var victims = seen.Pool.Held.Where(held => held.YieldsTo == seen.Claim.Attempt.TaskId).Select(held => held.Attempt.TaskId).ToList();
        if (agent is not null && victims.Count > 0) { yield return Said(Dealer.Preempting, Dealer.Preemption(agent.Id, victims)); }
    }

    // Whom fairness lets pass although they stand behind.
    private static WaitReason? Fairness(WaitSnapshot seen)
    {
        var rules = seen.Pool.Scene.Rules;
        var shares = new FairShare(rules.Quotas, seen.Pool.Scene.Use, seen.Pool.Fleet, rules.FairShareWindow);
        (bool Borrows, double Share) Rank(ResourceClaim claim) => (!shares.Guarantees(claim), shares.Share(claim.Requester));
        var mine = Rank(seen.Claim);
        var first = seen.Followers
            .Where(claim => claim.Requester != seen.Claim.Requester && seen.Pool.Scene.Lets(claim) && Rank(claim).CompareTo(mine) < 0)
            .OrderBy(Rank).ThenBy(claim => claim.Line).ToList();
        if (first.Count == 0) { return null; }
        var (next, others) = (first[0].Requester, first.Select(claim => claim.Requester).Distinct().Count() - 1);
        var also = others == 0 ? "" : others == 1 ? ", and so does another one" : $", and so do {others} others";
        return Said("FAIR_SHARE", shares.Guarantees(first[0]) && mine.Borrows
            ? $"{next} is within what is guaranteed to it and goes first where both want the same room{also}"
            : string.Create(CultureInfo.InvariantCulture, $"{next} has {shares.Share(next):0.#%} of the fleet by its weight, ")
                + string.Create(CultureInfo.InvariantCulture, $"{seen.Claim.Requester} {mine.Share:0.#%}: it goes first where both want the same room{also}"));
    }

    private static long HeadStart(ResourceClaim claim) => claim.Line.HeadStartUs;

    private static WaitReason Said(string code, string sentence) => new() { Code = code, Sentence = sentence };
}
