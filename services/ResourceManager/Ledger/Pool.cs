using System.Diagnostics;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The whole pool as a value that operations change: agents with their books, reservations, and the waiting line. No clock, no bus, no
/// database; a store feeds it, runs operations in order, and writes <see cref="Changes"/>. It may know only a part (the agents, and the
/// attempts that a round is about), which is enough because every rule looks at agents, at the attempt, and at the head of the line.
/// </summary>
/// <param name="knownFor">An agent that was heard within this counts when feasibility is judged.</param>
public sealed class Pool(TimeSpan knownFor)
{
    private readonly Dictionary<string, PoolAgent> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<AttemptKey, Reservation> _reservations = [];
    private readonly Dictionary<string, int> _latest = new(StringComparer.Ordinal);

    /// <summary>The claims that wait.</summary>
    public WaitingLine Line { get; } = new();

    /// <summary>Every agent that is known.</summary>
    public IReadOnlyDictionary<string, PoolAgent> Agents => _agents;

    /// <summary>Every reservation that is known, closed ones included.</summary>
    public IReadOnlyDictionary<AttemptKey, Reservation> Reservations => _reservations;

    /// <summary>What changed since the last <see cref="TakeChanges"/>.</summary>
    public PoolChanges Changes { get; private set; } = new();

    /// <summary>Brings in an agent from the store.</summary>
    public void Load(PoolAgent agent) => _agents.Add(agent.Id, agent);

    /// <summary>Brings in a reservation from the store; what it holds is part of its agent's books already.</summary>
    public void Load(Reservation reservation)
    {
        _reservations[reservation.Attempt] = reservation;
        Note(reservation.Attempt);
    }

    /// <summary>Brings in a waiting claim from the store.</summary>
    public void Load(ResourceClaim claim)
    {
        _ = Line.Add(claim);
        Note(claim.Attempt);
    }

    /// <summary>Hands the changes over and starts anew.</summary>
    public PoolChanges TakeChanges()
    {
        var changes = Changes;
        Changes = new PoolChanges();
        return changes;
    }

    /// <summary>Forgets a closed attempt; a claim of it would count as new.</summary>
    public void Forget(AttemptKey attempt)
    {
        if (_reservations.TryGetValue(attempt, out var known) && !known.Active)
        {
            _ = _reservations.Remove(attempt);
            if (_latest.GetValueOrDefault(attempt.TaskId) == attempt.Attempt) { _ = _latest.Remove(attempt.TaskId); }
        }
    }

    /// <summary>Does one thing.</summary>
    /// <param name="operation">What.</param>
    /// <param name="now">The store's clock.</param>
    public PoolAnswer Do(PoolOperation operation, DateTimeOffset now) => operation switch
    {
        PoolOperation.ClaimRoom claim => Claim(claim.Wish, now),
        PoolOperation.ReleaseRoom release => Release(release.Attempt, release.ResourceIds, now),
        PoolOperation.Announce announce => Announce(announce.What, now),
        PoolOperation.Beat beat => Beat(beat.AgentId, beat.Incarnation, now),
        PoolOperation.Drain drain => Drain(drain.AgentId, drain.Incarnation, now),
        PoolOperation.Leave leave => Leave(leave.AgentId, leave.Incarnation, now),
        PoolOperation.Reap reap => Reap(now - reap.Lease, now),
        _ => throw new UnreachableException(operation.GetType().Name),
    };

    /// <summary>Why a waiting claim does not run.</summary>
    public Refusal WhyNot(ResourceClaim claim, DateTimeOffset now) =>
        Placement.Explain(claim, _agents.Values, now - knownFor);

    private ClaimAnswer Claim(ResourceClaim claim, DateTimeOffset now)
    {
        if (_reservations.TryGetValue(claim.Attempt, out var known))
        {
            return known.Active ? new ClaimAnswer.Granted(known) : new ClaimAnswer.Closed();
        }

        if (Line.Find(claim.Attempt) is { } waiting) { return new ClaimAnswer.Waits(WhyNot(waiting, now)); }
        if (_latest.GetValueOrDefault(claim.Attempt.TaskId) > claim.Attempt.Attempt) { return new ClaimAnswer.Closed(); }

        CloseOlder(claim.Attempt, now);
        // Nobody in the line fits anywhere (each change that frees room offers it at once), so whoever fits now overtakes nobody.
        if (Placement.Choose(claim, _agents.Values) is { } agent)
        {
            return new ClaimAnswer.Granted(Reserve(claim, agent, now));
        }

        var why = WhyNot(claim, now);
        if (why.IsFinal) { return new ClaimAnswer.Denied(why); }
        Load(claim);
        Changes.Join(claim);
        return new ClaimAnswer.Waits(why);
    }

    private PoolAnswer.Released Release(AttemptKey attempt, IReadOnlyList<string>? resourceIds, DateTimeOffset now)
    {
        if (_reservations.TryGetValue(attempt, out var held))
        {
            return new PoolAnswer.Released(held.Active && GiveBack(held, resourceIds, now));
        }

        // Also remembers an attempt that was never heard of: its claim may still be on its way and must find the door closed.
        if (Line.Remove(attempt) is not null) { Changes.Leave(attempt); }
        _ = Store(new Reservation { Attempt = attempt, GrantedAt = now, ReleasedAt = now, ReleaseReason = "RELEASED" });
        return new PoolAnswer.Released(false);
    }

    private bool GiveBack(Reservation held, IReadOnlyList<string>? resourceIds, DateTimeOffset now)
    {
        var agent = _agents[held.AgentId!];
        var part = resourceIds is null ? held.Held : held.Held.Named(agent.Id, resourceIds);
        if (part == held.Held)
        {
            End(held, "RELEASED", now);
        }
        else if (part != Quantities.None)
        {
            _ = agent.Ledger.Release(held.Attempt, part);
            Book(held.Attempt, agent, -part);
            _ = Store(held with { Held = held.Held - part });
        }

        OfferRoomOf(agent, now);
        return _reservations[held.Attempt].Active;
    }

    private PoolAnswer.Done Announce(Announcement said, DateTimeOffset now)
    {
        if (_agents.TryGetValue(said.Id, out var agent))
        {
            var same = said.Incarnation == agent.Facts.Incarnation;
            if (said.Incarnation < agent.Facts.Incarnation || (same && agent.Facts.Departed)) { return PoolAnswer.Done.Instance; }
            if (!same) { Revoke(agent, "AGENT_RESTARTED", now); }
            agent.Facts = FactsOf(said, same && agent.Facts.Standing == Standing.Draining, now);
            agent.Ledger.Resize(said.Capacity);
        }
        else
        {
            agent = new PoolAgent(FactsOf(said, draining: false, now), new AgentLedger(said.Capacity));
            _agents.Add(said.Id, agent);
        }

        _ = Changes.Agents.Add(said.Id);
        Changes.Announced[said.Id] = said;
        OfferRoomOf(agent, now);
        return PoolAnswer.Done.Instance;
    }

    private PoolAnswer.Heard Beat(string agentId, long incarnation, DateTimeOffset now)
    {
        if (!_agents.TryGetValue(agentId, out var agent) || agent.Facts.Incarnation < incarnation)
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
        var silent = _agents.Values
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

        Line.Offer(claim => Placement.Choose(claim, _agents.Values) is { } agent && Place(claim, agent, now));
        return new PoolAnswer.Reaped(silent.Count, Line.Count,
            _agents.Values.Aggregate(Quantities.None, (sum, agent) => sum + agent.Ledger.Used));
    }

    // Only this agent has more room than before, and before nobody in the line fitted anywhere: so only this one is asked.
    private void OfferRoomOf(PoolAgent agent, DateTimeOffset now)
    {
        if (agent.Facts.Standing != Standing.Online || agent.Ledger.Free.Slots == 0) { return; }
        Line.Offer(claim => Placement.CanTake(agent, claim) && Place(claim, agent, now));
    }

    private bool Place(ResourceClaim claim, PoolAgent agent, DateTimeOffset now)
    {
        var reservation = Reserve(claim, agent, now);
        Changes.Leave(claim.Attempt);
        Changes.Sayings.Add(new Saying(new ClaimPlaced
        {
            TaskId = claim.Attempt.TaskId,
            Attempt = claim.Attempt.Attempt,
            AgentId = agent.Id,
            Held = reservation.Held,
        }, claim.TraceParent));
        return true;
    }

    private Reservation Reserve(ResourceClaim claim, PoolAgent agent, DateTimeOffset now)
    {
        if (agent.Ledger.Allocate(claim.Attempt, claim.Wanted) is not Verdict.Granted granted)
        {
            throw new UnreachableException($"placement and ledger of {agent.Id} disagree about {claim.Attempt}");
        }

        Book(claim.Attempt, agent, granted.Held);
        return Store(new Reservation
        {
            Attempt = claim.Attempt,
            AgentId = agent.Id,
            Held = granted.Held,
            GrantedAt = now,
            TraceParent = claim.TraceParent,
        });
    }

    private void Revoke(PoolAgent agent, string code, DateTimeOffset now)
    {
        _ = Changes.Agents.Add(agent.Id);
        foreach (var attempt in agent.Ledger.Holds.Keys.ToList())
        {
            var held = _reservations[attempt];
            End(held, code, now);
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
        if (!_latest.TryGetValue(newer.TaskId, out var latest)) { return; }
        for (var attempt = latest; attempt > 0; attempt--)
        {
            var older = newer with { Attempt = attempt };
            if (Line.Remove(older) is not null)
            {
                Changes.Leave(older);
                _ = Store(new Reservation { Attempt = older, GrantedAt = now, ReleasedAt = now, ReleaseReason = "SUPERSEDED" });
            }
            else if (_reservations.TryGetValue(older, out var held) && held.Active)
            {
                End(held, "SUPERSEDED", now);
                OfferRoomOf(_agents[held.AgentId!], now);
            }
        }
    }

    private void End(Reservation held, string reason, DateTimeOffset now)
    {
        var agent = _agents[held.AgentId!];
        Book(held.Attempt, agent, -agent.Ledger.Release(held.Attempt));
        _ = Store(held with { ReleasedAt = now, ReleaseReason = reason });
    }

    private void Book(AttemptKey attempt, PoolAgent agent, Quantities delta)
    {
        _ = Changes.Agents.Add(agent.Id);
        Changes.Entries.Add(new LedgerEntry(attempt, agent.Id, delta, agent.Ledger.Used, agent.Ledger.Capacity));
    }

    private Reservation Store(Reservation reservation)
    {
        _ = Changes.Reservations.Add(reservation.Attempt);
        Note(reservation.Attempt);
        return _reservations[reservation.Attempt] = reservation;
    }

    private void Note(AttemptKey attempt)
    {
        if (_latest.GetValueOrDefault(attempt.TaskId) < attempt.Attempt) { _latest[attempt.TaskId] = attempt.Attempt; }
    }

    private PoolAgent? Current(string agentId, long incarnation) =>
        _agents.TryGetValue(agentId, out var agent) && agent.Facts.Incarnation == incarnation ? agent : null;

    private static AgentFacts FactsOf(Announcement said, bool draining, DateTimeOffset now) => new()
    {
        Id = said.Id,
        Incarnation = said.Incarnation,
        Standing = draining ? Standing.Draining : Standing.Online,
        TaskTypes = said.TaskTypes,
        LastSeenAt = now,
        ProgramVersion = said.ProgramVersion,
    };
}
