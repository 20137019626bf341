using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Deals room to the line: the one place where it is decided who of those who wait gets what has become free.</summary>
/// <param name="books">Agents and what is held on them.</param>
/// <param name="line">Who waits.</param>
/// <param name="rules">Quotas and fairness.</param>
internal sealed class Dealer(Books books, WaitingLine line, LineRules rules)
{
    private readonly LineScene _scene = new(rules, books.Use);
    private readonly Queue<PoolAgent> _unkept = new();

    /// <summary>What governs the line, and what each requester has now.</summary>
    public LineScene Scene => _scene;

    /// <summary>The agent for a claim that stands in no line; null when it has to wait.</summary>
    public PoolAgent? Find(ResourceClaim claim, DateTimeOffset now) =>
        _scene.Lets(claim) ? Placement.Choose(claim, books.Agents.Values, books.Earmarks.Count == 0 ? null : _scene.EndsBy(claim, now)) : null;

    /// <summary>Takes room on an agent for a claim, and keeps account of what is kept there for others.</summary>
    public Reservation Reserve(ResourceClaim claim, PoolAgent agent, DateTimeOffset now)
    {
        var reservation = books.Reserve(claim, agent, now);
        if (agent.Facts.Earmark is { } kept)
        {
            var after = kept.After(claim, _scene.EndsBy(claim, now));
            books.Keep(agent, after);
            if (after is null) { _unkept.Enqueue(agent); }
        }

        Unkeep(claim.Attempt);
        return reservation;
    }

    /// <summary>A claim waits no more: what was kept for it is not kept any more. It is dealt by the next offer.</summary>
    public void Unkeep(AttemptKey attempt)
    {
        if (!books.Earmarks.TryGetValue(attempt, out var id)) { return; }
        books.Keep(books.Agents[id], null);
        _unkept.Enqueue(books.Agents[id]);
    }

    /// <summary>Deals what is not kept any more.</summary>
    public void OfferUnkept(DateTimeOffset now)
    {
        while (_unkept.TryDequeue(out var agent)) { DealRoomOf(agent, now); }
    }

    /// <summary>
    /// Deals the room of one agent. Before it became free nobody in the line fitted anywhere, so no other agent needs to be asked.
    /// </summary>
    public void Offer(PoolAgent agent, DateTimeOffset now)
    {
        DealRoomOf(agent, now);
        OfferUnkept(now);
    }

    /// <summary>Deals the room of every agent to whoever waits.</summary>
    public void OfferAll(DateTimeOffset now)
    {
        Deal(line.Heads, claim => Find(claim, now), now);
        OfferUnkept(now);
    }

    /// <summary>Deals to the claims of a requester that has less than before: its quota may have been all they waited for.</summary>
    public void OfferTo(string requester, DateTimeOffset now)
    {
        if (rules.Quotas.Of(requester).Ceiling is null) { return; }
        Deal(line.Heads.Where(head => head.Requester == requester), claim => Find(claim, now), now);
        OfferUnkept(now);
    }

    /// <summary>The same for everybody whose quota may have been all they waited for, after room was lost and not given back.</summary>
    public void OfferToLimited(DateTimeOffset now)
    {
        if (rules.Quotas.HaveLimits) { OfferAll(now); }
    }

    private void DealRoomOf(PoolAgent agent, DateTimeOffset now)
    {
        if (!agent.TakesWork || agent.Ledger.Free.Slots == 0) { return; }
        Deal(line.Heads,
            claim => Placement.CanTake(agent, claim, agent.Facts.Earmark is null ? null : _scene.EndsBy(claim, now)) && _scene.Lets(claim)
                ? agent : null,
            now);
    }

    private void Deal(IEnumerable<ResourceClaim> heads, Func<ResourceClaim, PoolAgent?> find, DateTimeOffset now)
    {
        var open = heads.Where(head => find(head) is not null).ToList();
        if (open.Count == 0) { return; }
        if (rules.FairShareWindow <= TimeSpan.Zero || open.TrueForAll(head => head.Requester == open[0].Requester))
        {
            line.Offer(open, claim => find(claim) is { } agent && Place(claim, agent, now));
            return;
        }

        var fair = new FairShare(rules.Quotas, books.Use, Fleet(), rules.FairShareWindow);
        while (open.Count > 0)
        {
            var at = fair.Next(open);
            var head = open[at];
            _ = Place(head, find(head)!, now);
            _ = line.Remove(head.Attempt);
            if (line.First(head.Class) is { } next) { open[at] = next; }
            else { open.RemoveAt(at); }
            // Room only shrinks and use only grows while it is dealt: who does not fit now is out.
            _ = open.RemoveAll(claim => find(claim) is null);
        }
    }

    private bool Place(ResourceClaim claim, PoolAgent agent, DateTimeOffset now)
    {
        var reservation = Reserve(claim, agent, now);
        books.Changes.Leave(claim.Attempt);
        books.Changes.Sayings.Add(new Saying(new ClaimPlaced
        {
            TaskId = claim.Attempt.TaskId,
            Attempt = claim.Attempt.Attempt,
            AgentId = agent.Id,
            Held = reservation.Held,
            GpuIds = reservation.GpuIds,
            TakesBulk = agent.Facts.TakesBulk,
        }, claim.TraceParent));
        return true;
    }

    private Quantities Fleet()
    {
        var sum = Quantities.None;
        foreach (var agent in books.Agents.Values)
        {
            if (agent.Facts.Standing == Standing.Online) { sum += agent.Ledger.Declared; }
        }

        return sum;
    }
}
