using System.Diagnostics;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The whole pool as a value that operations change: agents with their books, reservations, and the waiting line. No clock, no bus, no
/// database; a store feeds it, runs operations in order, and writes <see cref="Changes"/>. It may know only a part (the agents, and the
/// attempts that a round is about), which is enough because every rule looks at agents, at the attempt, and at the head of the line.
/// </summary>
/// <param name="knownFor">An agent that was heard within this counts when feasibility is judged.</param>
public sealed class Pool(TimeSpan knownFor)
{
    private readonly Books _books = new();

    /// <summary>The claims that wait.</summary>
    public WaitingLine Line { get; } = new();

    /// <summary>Every agent that is known.</summary>
    public IReadOnlyDictionary<string, PoolAgent> Agents => _books.Agents;

    /// <summary>Every reservation that is known, closed ones included.</summary>
    public IReadOnlyDictionary<AttemptKey, Reservation> Reservations => _books.Reservations;

    /// <summary>What changed since the last <see cref="TakeChanges"/>.</summary>
    public PoolChanges Changes => _books.Changes;

    /// <summary>Brings in an agent from the store.</summary>
    public void Load(PoolAgent agent) => _books.Load(agent);

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
        Placement.Answer(claim, Agents.Values, now - knownFor);

    private ClaimAnswer Claim(ResourceClaim claim, DateTimeOffset now)
    {
        if (Reservations.TryGetValue(claim.Attempt, out var known))
        {
            return known.Active ? new ClaimAnswer.Granted(known) : new ClaimAnswer.Closed();
        }

        if (Line.Find(claim.Attempt) is { } waiting) { return new ClaimAnswer.Waits(WhyNot(waiting, now)); }
        if (_books.Latest(claim.Attempt.TaskId) > claim.Attempt.Attempt) { return new ClaimAnswer.Closed(); }

        CloseOlder(claim.Attempt, now);
        // Nobody in the line fits anywhere (each change that frees room offers it at once), so whoever fits now
        // overtakes nobody.
        if (Placement.Choose(claim, Agents.Values) is { } agent)
        {
            return new ClaimAnswer.Granted(_books.Reserve(claim, agent, now));
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
        return new PoolAnswer.Released(false);
    }

    private bool GiveBack(Reservation held, PoolOperation.ReleaseRoom said, DateTimeOffset now)
    {
        var agent = Agents[held.AgentId!];
        var (part, devices) = said.ResourceIds is null ? (held.Held, held.GpuIds) : held.Named(said.ResourceIds);
        var still = _books.GiveBack(held, part, devices, said.Reason, now);
        OfferRoomOf(agent, now);
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
            agent.Facts = AgentFacts.Of(said, same && agent.Facts.Standing == Standing.Draining, now) with { Cordon = agent.Facts.Cordon };
            agent.Ledger.Resize(said.Capacity, said.Devices);
        }
        else
        {
            agent = new PoolAgent(AgentFacts.Of(said, draining: false, now), new AgentLedger(said.Capacity, devices: said.Devices));
            _books.Load(agent);
        }

        _ = Changes.Agents.Add(said.Id);
        Changes.Announced[said.Id] = said;
        OfferRoomOf(agent, now);
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
            Cordon = said.Action == SteerAction.Uncordon ? null : new AgentCordon
            {
                Drains = drains,
                Reason = said.Reason,
                Since = agent.Facts.Cordon is { } before && before.Drains == drains ? before.Since : now,
            },
        };
        _ = Changes.Agents.Add(agent.Id);
        OfferRoomOf(agent, now);
        return new PoolAnswer.Heard(true);
    }

    private PoolAnswer.Done Leave(string agentId, long incarnation, DateTimeOffset now)
    {
        if (Current(agentId, incarnation) is { Facts.Departed: false } agent)
        {
            agent.Facts = agent.Facts with { Standing = Standing.Offline, Departed = true, LastSeenAt = now };
            Revoke(agent, "AGENT_LEFT", now);
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

        Line.Offer(claim => Placement.Choose(claim, Agents.Values) is { } agent && Place(claim, agent, now));
        return new PoolAnswer.Reaped(silent.Count, Line.Count,
            Agents.Values.Aggregate(Quantities.None, (sum, agent) => sum + agent.Ledger.Used));
    }

    // Only this agent has more room than before, and before nobody in the line fitted anywhere: so only this one is
    // asked.
    private void OfferRoomOf(PoolAgent agent, DateTimeOffset now)
    {
        if (!agent.TakesWork || agent.Ledger.Free.Slots == 0) { return; }
        Line.Offer(claim => Placement.CanTake(agent, claim) && Place(claim, agent, now));
    }

    private bool Place(ResourceClaim claim, PoolAgent agent, DateTimeOffset now)
    {
        var reservation = _books.Reserve(claim, agent, now);
        Changes.Leave(claim.Attempt);
        Changes.Sayings.Add(new Saying(new ClaimPlaced
        {
            TaskId = claim.Attempt.TaskId,
            Attempt = claim.Attempt.Attempt,
            AgentId = agent.Id,
            Held = reservation.Held,
            GpuIds = reservation.GpuIds,
        }, claim.TraceParent));
        return true;
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
            }
            else if (Reservations.TryGetValue(older, out var held) && held.Active)
            {
                _books.End(held, "SUPERSEDED", now);
                OfferRoomOf(Agents[held.AgentId!], now);
            }
        }
    }

    private PoolAgent? Current(string agentId, long incarnation) =>
        Agents.TryGetValue(agentId, out var agent) && agent.Facts.Incarnation == incarnation ? agent : null;
}
