using System.Diagnostics;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The whole pool as a value that operations change: agents with their books, reservations, and the waiting line. No clock, no bus, no
/// database; a store feeds it, runs operations in order, and writes <see cref="Changes"/>. It may know only a part (the agents, and the
/// attempts that a round is about), which is enough because every rule looks at agents, at the attempt, and at the head of the line.
/// </summary>
public sealed class Pool
{
    private readonly TimeSpan _knownFor;
    private readonly Books _books = new();
    private readonly Dealer _dealer;

    /// <summary>Empty.</summary>
    /// <param name="knownFor">An agent that was heard within this counts when feasibility is judged.</param>
    /// <param name="rules">What governs the line besides its order; null: nothing.</param>
    public Pool(TimeSpan knownFor, LineRules? rules = null) =>
        (_knownFor, _dealer) = (knownFor, new Dealer(_books, Line, rules ?? LineRules.Plain));

    /// <summary>Why room is free again when its holder needs it no more.</summary>
    public const string GivenBack = "RELEASED";

    /// <summary>The claims that wait.</summary>
    public WaitingLine Line { get; } = new();

    /// <summary>What each requester has now.</summary>
    public IReadOnlyDictionary<string, Quantities> Use => _books.Use;

    /// <summary>What governs the line, and what each requester has now; lives with the pool.</summary>
    public LineScene Scene => _dealer.Scene;

    /// <summary>Every agent that is known.</summary>
    public IReadOnlyDictionary<string, PoolAgent> Agents => _books.Agents;

    /// <summary>Every reservation that is known, closed ones included.</summary>
    public IReadOnlyDictionary<AttemptKey, Reservation> Reservations => _books.Reservations;

    /// <summary>What changed since the last <see cref="TakeChanges"/>.</summary>
    public PoolChanges Changes => _books.Changes;

    /// <summary>Brings in an agent from the store.</summary>
    public void Load(PoolAgent agent) => _books.Load(agent);

    /// <summary>Brings in what a requester has from the store.</summary>
    public void Load(string requester, Quantities used) => _books.Load(requester, used);

    /// <summary>Brings in a reservation from the store; what it holds is part of its agent's books already.</summary>
    public void Load(Reservation reservation) => _books.Load(reservation);

    /// <summary>Brings in a waiting claim from the store.</summary>
    public void Load(ResourceClaim claim)
    {
        _ = Line.Add(claim);
        _books.Note(claim.Attempt);
    }

    /// <summary>Hands the changes over and starts anew.</summary>
    public PoolChanges TakeChanges() => _books.TakeChanges();

    /// <summary>Forgets a closed attempt; a claim of it would count as new.</summary>
    public void Forget(AttemptKey attempt) => _books.Forget(attempt);

    /// <summary>Does one thing.</summary>
    /// <param name="operation">What.</param>
    /// <param name="now">The store's clock.</param>
    public PoolAnswer Do(PoolOperation operation, DateTimeOffset now) => operation switch
    {
        PoolOperation.ClaimRoom claim => Claim(claim.Wish, now),
        PoolOperation.ReleaseRoom release => Release(release, now),
        PoolOperation.Announce announce => Announce(announce.What, now),
        PoolOperation.Beat beat => Beat(beat.AgentId, beat.Incarnation, now),
        PoolOperation.Drain drain => Drain(drain.AgentId, drain.Incarnation, now),
        PoolOperation.Steer steer => Steer(steer, now),
        PoolOperation.Leave leave => Leave(leave.AgentId, leave.Incarnation, now),
        PoolOperation.Reap reap => Reap(now - reap.Lease, now),
        _ => throw new UnreachableException(operation.GetType().Name),
    };

    /// <summary>Why a waiting claim does not run.</summary>
    public Refusal WhyNot(ResourceClaim claim, DateTimeOffset now) =>
        Placement.Answer(claim, Agents.Values, now - _knownFor, _dealer.Scene);

    private ClaimAnswer Claim(ResourceClaim claim, DateTimeOffset now)
    {
        if (Reservations.TryGetValue(claim.Attempt, out var known))
        {
            return known.Active ? new ClaimAnswer.Granted(known, Agents[known.AgentId!].Facts.TakesBulk) : new ClaimAnswer.Closed();
        }

        if (Line.Find(claim.Attempt) is { } waiting) { return new ClaimAnswer.Waits(WhyNot(waiting, now)); }
        if (_books.Latest(claim.Attempt.TaskId) > claim.Attempt.Attempt) { return new ClaimAnswer.Closed(); }

        CloseOlder(claim.Attempt, now);
        // Nobody in the line fits anywhere (each change that frees room offers it at once), so whoever fits now
        // overtakes nobody.
        if (!Line.HasAny(claim) && _dealer.Find(claim, now) is { } agent)
        {
            return new ClaimAnswer.Granted(_dealer.Reserve(claim, agent, now), agent.Facts.TakesBulk);
        }

        var why = WhyNot(claim, now);
        if (why.IsFinal) { return new ClaimAnswer.Denied(why); }
        var joining = claim with { Told = why.Code };
        Load(joining);
        Changes.Join(joining);
        return new ClaimAnswer.Waits(why);
    }

    private PoolAnswer.Released Release(PoolOperation.ReleaseRoom said, DateTimeOffset now)
    {
        var attempt = said.Attempt;
        if (Reservations.TryGetValue(attempt, out var held))
        {
            return new PoolAnswer.Released(held.Active && GiveBack(held, said, now));
        }

        // Also remembers an attempt that was never heard of: its claim may still be on its way and must find the door
        // closed.
        if (Line.Remove(attempt) is not null) { Changes.Leave(attempt); }
        _books.Close(attempt, said.Reason, now);
        _dealer.Unkeep(attempt);
        _dealer.OfferUnkept(now);
        return new PoolAnswer.Released(false);
    }

    private bool GiveBack(Reservation held, PoolOperation.ReleaseRoom said, DateTimeOffset now)
    {
        var agent = Agents[held.AgentId!];
        var (part, devices) = said.ResourceIds is null ? (held.Held, held.GpuIds) : held.Named(said.ResourceIds);
        var still = _books.GiveBack(held, part, devices, said.Reason, now);
        if (said.Outcome is { } outcome && !still) { _books.Judge(agent, outcome, held.Attempt.TaskId, _dealer.Scene.Rules.Holds, now); }
        _dealer.Offer(agent, now);
        _dealer.OfferTo(held.Requester, now);
        return still;
    }

    private PoolAnswer.Done Announce(Announcement said, DateTimeOffset now)
    {
        if (Agents.TryGetValue(said.Id, out var agent))
        {
            var same = said.Incarnation == agent.Facts.Incarnation;
            if (said.Incarnation < agent.Facts.Incarnation || (same && agent.Facts.Departed))
            {
                return PoolAnswer.Done.Instance;
            }
            if (!same) { Revoke(agent, "AGENT_RESTARTED", now); }
            agent.Facts = AgentFacts.Of(said, same && agent.Facts.Standing == Standing.Draining, now) with
            {
                Cordon = agent.Facts.Cordon,
                Conduct = agent.Facts.Conduct,
                Earmark = agent.Facts.Earmark,
            };
            if (said.Capacity != agent.Ledger.Declared) { _books.Keep(agent, null); }
            agent.Ledger.Resize(said.Capacity, said.Devices);
        }
        else
        {
            agent = new PoolAgent(AgentFacts.Of(said, draining: false, now), new AgentLedger(said.Capacity, devices: said.Devices));
            _books.Load(agent);
        }

        _ = Changes.Agents.Add(said.Id);
        Changes.Announced[said.Id] = said;
        _dealer.Offer(agent, now);
        _dealer.OfferToLimited(now);
        return PoolAnswer.Done.Instance;
    }

    private PoolAnswer.Heard Beat(string agentId, long incarnation, DateTimeOffset now)
    {
        if (!Agents.TryGetValue(agentId, out var agent) || agent.Facts.Incarnation < incarnation)
        {
            return new PoolAnswer.Heard(false);
        }

        // The older process of a restarted agent: its successor is registered and needs no reminder.
        if (agent.Facts.Incarnation > incarnation) { return new PoolAnswer.Heard(true); }
        if (agent.Facts.Standing == Standing.Offline) { return new PoolAnswer.Heard(agent.Facts.Departed); }
        agent.Facts = agent.Facts with { LastSeenAt = now };
        _ = Changes.Agents.Add(agentId);
        return new PoolAnswer.Heard(true);
    }

    private PoolAnswer.Done Drain(string agentId, long incarnation, DateTimeOffset now)
    {
        if (Current(agentId, incarnation) is { Facts.Standing: Standing.Online } agent)
        {
            agent.Facts = agent.Facts with { Standing = Standing.Draining, LastSeenAt = now };
            _ = Changes.Agents.Add(agentId);
        }

        return PoolAnswer.Done.Instance;
    }

    private PoolAnswer.Heard Steer(PoolOperation.Steer said, DateTimeOffset now)
    {
        if (!Agents.TryGetValue(said.AgentId, out var agent)) { return new PoolAnswer.Heard(false); }
        var drains = said.Action == SteerAction.Drain;
        agent.Facts = agent.Facts with
        {
            Conduct = said.Action == SteerAction.Uncordon ? null : agent.Facts.Conduct,
            Cordon = said.Action == SteerAction.Uncordon ? null : new AgentCordon
            {
                Drains = drains,
                Reason = said.Reason,
                Since = agent.Facts.Cordon is { } before && before.Drains == drains ? before.Since : now,
            },
        };
        _ = Changes.Agents.Add(agent.Id);
        _dealer.Offer(agent, now);
        return new PoolAnswer.Heard(true);
    }

    private PoolAnswer.Done Leave(string agentId, long incarnation, DateTimeOffset now)
    {
        if (Current(agentId, incarnation) is { Facts.Departed: false } agent)
        {
            agent.Facts = agent.Facts with { Standing = Standing.Offline, Departed = true, LastSeenAt = now };
            Revoke(agent, "AGENT_LEFT", now);
            _dealer.OfferToLimited(now);
        }

        return PoolAnswer.Done.Instance;
    }

    private PoolAnswer.Reaped Reap(DateTimeOffset silentSince, DateTimeOffset now)
    {
        var silent = Agents.Values
            .Where(agent => agent.Facts.Standing != Standing.Offline && agent.Facts.LastSeenAt < silentSince)
            .ToList();
        foreach (var agent in silent)
        {
            // One that was draining has no reason to come back under this incarnation.
            agent.Facts = agent.Facts with
            {
                Standing = Standing.Offline,
                Departed = agent.Facts.Standing == Standing.Draining,
            };
            Revoke(agent, "AGENT_SILENT", now);
        }

        var sweep = new Sweep(_books, Line, _dealer);
        sweep.End(now);
        _dealer.OfferAll(now);
        sweep.KeepRoom(now);
        return new PoolAnswer.Reaped(silent.Count, Line.Count,
            Agents.Values.Aggregate(Quantities.None, (sum, agent) => sum + agent.Ledger.Used));
    }

    private void Revoke(PoolAgent agent, string code, DateTimeOffset now)
    {
        _ = Changes.Agents.Add(agent.Id);
        foreach (var attempt in agent.Ledger.Holds.Keys.ToList())
        {
            var held = Reservations[attempt];
            _books.End(held, code, now);
            Changes.Sayings.Add(new Saying(new ClaimRevoked
            {
                TaskId = attempt.TaskId,
                Attempt = attempt.Attempt,
                AgentId = agent.Id,
                Code = code,
            }, held.TraceParent));
        }
    }

    // A newer attempt exists, so the older ones are over, whether or not their release has arrived (G5).
    private void CloseOlder(AttemptKey newer, DateTimeOffset now)
    {
        for (var attempt = _books.Latest(newer.TaskId); attempt > 0; attempt--)
        {
            var older = newer with { Attempt = attempt };
            if (Line.Remove(older) is not null)
            {
                Changes.Leave(older);
                _books.Close(older, "SUPERSEDED", now);
                _dealer.Unkeep(older);
                _dealer.OfferUnkept(now);
            }
            else if (Reservations.TryGetValue(older, out var held) && held.Active)
            {
                _books.End(held, "SUPERSEDED", now);
                _dealer.Offer(Agents[held.AgentId!], now);
                _dealer.OfferTo(held.Requester, now);
            }
        }
    }

    private PoolAgent? Current(string agentId, long incarnation) =>
        Agents.TryGetValue(agentId, out var agent) && agent.Facts.Incarnation == incarnation ? agent : null;
}
