using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>What time alone changes: holds that end, and room that is kept for those who have waited too long for it.</summary>
/// <param name="books">Agents and what is held on them; all of it must be known.</param>
/// <param name="line">Who waits.</param>
/// <param name="dealer">Deals what is free again.</param>
internal sealed class Sweep(Books books, WaitingLine line, Dealer dealer)
{
    // Claims at the front of the line that are looked at: what stands behind so many will be looked at in its turn.
    internal const int LooksMax = 256;

    /// <summary>Ends holds and earmarks that are over. Before the line is offered room.</summary>
    public void End(DateTimeOffset now)
    {
        foreach (var agent in books.Agents.Values)
        {
            if (agent.Facts.Conduct is { HeldUntil: not null } conduct && conduct.At(now) is var after && after != conduct)
            {
                agent.Facts = agent.Facts with { Conduct = after };
                _ = books.Changes.Agents.Add(agent.Id);
            }

            if (agent.Facts.Earmark is not null && !agent.TakesWork) { books.Keep(agent, null); }
        }
    }

    /// <summary>
    /// Keeps room for those at the front of the line that wait for more than anybody gives back at once. After the line was offered room: nobody
    /// who is looked at has a place.
    /// </summary>
    public void KeepRoom(DateTimeOffset now)
    {
        var rules = dealer.Scene.Rules;
        var (left, looks) = (rules.EarmarksMax - books.Earmarks.Count, LooksMax);
        dealer.MakeRoom(line.FromTheFront(), now);
        if (left <= 0 || line.Count == 0) { return; }
        var before = (now - rules.EarmarkAfter - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        ILookup<string?, Reservation>? held = null;
        foreach (var claim in line.FromTheFront())
        {
            if (left == 0 || looks-- == 0) { return; }
            if (claim.Line.EnqueuedUs > before || books.Earmarks.ContainsKey(claim.Attempt) || !dealer.Scene.Lets(claim)) { continue; }
            held ??= books.Reservations.Values.Where(one => one.Active).ToLookup(one => one.AgentId);
            if (EarmarkPlan.Of(claim, books.Agents.Values.Select(agent => (agent, held[agent.Id])), rules.RunTimes, now) is not var (agent, earmark))
            {
                continue;
            }

            books.Keep(agent, earmark);
            left--;
        }
    }
}
