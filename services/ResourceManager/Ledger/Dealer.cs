using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Deals room to the line: the one place where it is decided who of those who wait gets what has become free.</summary>
/// <param name="books">Agents and what is held on them.</param>
/// <param name="line">Who waits.</param>
/// <param name="rules">Quotas and fairness.</param>
/// <param name="knownFor">An agent that was heard within this counts when feasibility is judged.</param>
internal sealed class Dealer(Books books, WaitingLine line, LineRules rules, TimeSpan knownFor)
{
    private readonly LineScene _scene = new(rules, books.Use);
    private readonly FleetMemory _fleet = new(books.Agents, books.Clock);
    private readonly Queue<PoolAgent> _unkept = new();
    private (Quantities Fleet, FairShare Shares)? _order;

    /// <summary>What governs the line, and what each requester has now.</summary>
    public LineScene Scene => _scene;

    /// <summary>The agent for a claim that stands in no line; null when it has to wait.</summary>
    public PoolAgent? Find(ResourceClaim claim, DateTimeOffset now)
    {
        if (books.Open.Count == 0 || !_scene.Lets(claim)) { return null; }
        var (among, endsBy) = (_fleet.Of(claim, now - knownFor), books.Earmarks.Count == 0 ? null : _scene.EndsBy(claim, now));
        // Where the fleet is busy those with a free slot are few; where it is not, those that fit may be.
        return books.Open.Count < among.Fitting.Count ? Placement.Choose(claim, books.Open, endsBy) : Placement.Choose(claim, among, endsBy);
    }

    /// <summary>Why a claim that nobody can take now does not run.</summary>
    public Refusal WhyNot(ResourceClaim claim, DateTimeOffset now) =>
        Placement.Answer(claim, _fleet.Of(claim, now - knownFor), _scene, books.Open.Count == 0);

    /// <summary>Takes room on an agent for a claim, and keeps account of what is kept there for others.</summary>
    public Reservation Reserve(ResourceClaim claim, PoolAgent agent, DateTimeOffset now)
    {
        var yields = claim.Placement.Preemptible == true && rules.PreemptFrom > 0 ? claim.Line.Priority(rules.AgingStep) : (int?)null;
        var reservation = books.Reserve(claim, agent, yields, now);
        if (agent.Facts.Earmark is { } kept)
        {
            var after = kept.After(claim, _scene.EndsBy(claim, now));
            books.Keep(agent, after);
            if (after is null) { _unkept.Enqueue(agent); }
        }

        Unkeep(claim.Attempt);
        return reservation;
    }

    /// <summary>
    /// Has room made for a claim that waits, where its priority allows that: those who yield are told, and what they give back is kept for it.
    /// Each attempt yields once, so that nobody can be asked again and again. What it is told; null when there is nobody to ask.
    /// </summary>
    private Refusal? MakeRoom(ResourceClaim claim, DateTimeOffset now)
    {
        if (!IsUrgent(claim) || books.Yielding == 0) { return null; }
        if (books.Earmarks.ContainsKey(claim.Attempt) || !_scene.Lets(claim)) { return null; }
        var (priority, held) = (claim.Line.Priority(rules.AgingStep), books.Reservations.Values.Where(one => one.Active).ToLookup(one => one.AgentId));
        if (PreemptionPlan.Of(claim, priority, books.Agents.Values.Select(agent => (agent, held[agent.Id])), now) is not { } plan) { return null; }
        books.Keep(plan.Agent, new Earmark { Owner = claim.Line, Spare = plan.Spare, IsMade = true });
        foreach (var victim in plan.Victims)
        {
            books.Yield(victim, claim.Attempt);
            books.Changes.Sayings.Add(new Saying(new PreemptAttempt
            {
                TaskId = victim.Attempt.TaskId,
                Attempt = victim.Attempt.Attempt,
                AgentId = plan.Agent.Id,
                ForTaskId = claim.Attempt.TaskId,
                Reason = $"makes room on {plan.Agent.Id} for task {claim.Attempt.TaskId}, which is of a higher priority",
            }, victim.TraceParent, Endpoints.Tasks));
        }

        return Refusal.ForNow(Preempting, Preemption(plan.Agent.Id, plan.Victims.Select(victim => victim.Attempt.TaskId)));
    }

    /// <summary>The same for one that comes: first for those of the front of the line that stand before it and need it as much.</summary>
    public Refusal? MakeRoomInTurn(ResourceClaim claim, DateTimeOffset now)
    {
        if (!IsUrgent(claim) || books.Yielding == 0) { return null; }
        MakeRoom(line.FromTheFront().TakeWhile(before => before.Line < claim.Line), now);
        return MakeRoom(claim, now);
    }

    /// <summary>The same for some of the line, in its order; as many as are looked at in one go.</summary>
    public void MakeRoom(IEnumerable<ResourceClaim> waiting, DateTimeOffset now)
    {
        if (rules.PreemptFrom == 0 || books.Yielding == 0) { return; }
        foreach (var claim in waiting.Take(Sweep.LooksMax)) { _ = MakeRoom(claim, now); }
    }

    /// <summary>Reason code of a claim for which others make room.</summary>
    public const string Preempting = "PREEMPTING";

    /// <summary>What is said about it.</summary>
    public static string Preemption(string agentId, IEnumerable<string> tasks) =>
        $"{string.Join(", ", tasks)} of a lower priority saves its work and makes room on {agentId}";

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
        foreach (var id in books.Earmarks.Values.ToList()) { DealMadeRoomOf(books.Agents[id], now); }
        var order = Order();
        // Room only shrinks and use only grows while it is dealt: whose class found nothing finds nothing any more.
        var closed = new HashSet<Guid>();
        bool IsOpen(ResourceClaim claim) => !closed.Contains(claim.Class) && (Find(claim, now) is not null || !closed.Add(claim.Class));
        while (order.Next(line, IsOpen) is { } head) { Place(head, Find(head, now)!, now); }
        OfferUnkept(now);
    }

    /// <summary>Deals to the claims of a requester, or a tenant, that has less than before: of those whose quota was what they waited for.</summary>
    /// <param name="held">Whose.</param>
    /// <param name="returned">By how much they have less.</param>
    /// <param name="now">The store's clock.</param>
    public void OfferTo(Reservation held, Quantities returned, DateTimeOffset now)
    {
        var requester = held.Requester;
        if (rules.Quotas.Of(requester).Ceiling is not null)
        {
            var before = books.Use.GetValueOrDefault(requester) + returned;
            PlaceEach(() => line.HeadsOf(requester).FirstOrDefault(head => !_scene.Lets(head, before) && Find(head, now) is not null), now);
        }

        if (rules.TenantMax == 0 || line.Count == 0) { return; }
        var account = LineScene.Account(held.Attempt.TaskId);
        var slots = books.Use.GetValueOrDefault(account).Slots + returned.Slots;
        PlaceEach(() => line.Heads.FirstOrDefault(head => !_scene.TenantLets(head, slots)
            && LineScene.Account(head.Attempt.TaskId) == account && Find(head, now) is not null), now);
    }

    private void PlaceEach(Func<ResourceClaim?> next, DateTimeOffset now)
    {
        while (next() is { } head) { Place(head, Find(head, now)!, now); }
        OfferUnkept(now);
    }

    /// <summary>The same for everybody whose quota may have been all they waited for, after room was lost and not given back.</summary>
    public void OfferToLimited(DateTimeOffset now)
    {
        if (rules.HaveLimits) { OfferAll(now); }
    }

    private void DealRoomOf(PoolAgent agent, DateTimeOffset now)
    {
        if (line.Count == 0 || !agent.TakesWork || agent.Ledger.Free.Slots == 0) { return; }
        DealMadeRoomOf(agent, now);
        var order = Order();
        bool IsOpen(ResourceClaim claim) =>
            Placement.CanTake(agent, claim, agent.Facts.Earmark is null ? null : _scene.EndsBy(claim, now)) && _scene.Lets(claim);
        while (agent.Ledger.Free.Slots > 0 && order.Next(line, IsOpen) is { } head) { Place(head, agent, now); }
    }

    // Whoever room was made for may stand behind others of its class, which hide it from the deal.
    private void DealMadeRoomOf(PoolAgent agent, DateTimeOffset now)
    {
        if (agent.Facts.Earmark is { IsMade: true } made && line.Find(made.Owner.Attempt) is { } claim
            && _scene.Lets(claim) && Placement.CanTake(agent, claim))
        {
            Place(claim, agent, now);
        }
    }

    private bool IsUrgent(ResourceClaim claim) => rules.PreemptFrom > 0 && claim.Line.Priority(rules.AgingStep) >= rules.PreemptFrom;

    private FairShare Order()
    {
        if (_order is not { } known || known.Fleet != _fleet.Size)
        {
            _order = known = (_fleet.Size, new FairShare(rules.Quotas, books.Use, _fleet.Size, rules.FairShareWindow));
        }

        return known.Shares;
    }

    private void Place(ResourceClaim claim, PoolAgent agent, DateTimeOffset now)
    {
        _ = line.Remove(claim.Attempt);
        var reservation = Reserve(claim, agent, now);
        books.Changes.Leave(claim.Attempt);
        books.Changes.Sayings.Add(new Saying(reservation.Allocated(agent.Facts.TakesBulk), claim.TraceParent, Endpoints.Tasks));
    }
}
