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
    private readonly Books _books;
    private readonly Dealer _dealer;
    private readonly AgentRoll _roll;

    /// <summary>Empty.</summary>
    /// <param name="knownFor">An agent that was heard within this counts when feasibility is judged.</param>
    /// <param name="rules">What governs the line besides its order; null: nothing.</param>
    public Pool(TimeSpan knownFor, LineRules? rules = null)
    {
        var known = rules ?? LineRules.Plain;
        _books = new Books(Line, known.TenantMax > 0);
        _dealer = new Dealer(_books, Line, known, knownFor);
        _roll = new AgentRoll(_books, Line, _dealer);
    }

    /// <summary>Why room is free again when its holder needs it no more.</summary>
    public const string GivenBack = "RELEASED";

    /// <summary>The claims that wait.</summary>
    public WaitingLine Line { get; } = new();

    /// <summary>What each requester has now, and each tenant where that is limited.</summary>
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
        PoolOperation.RevokeRoom revoke => Revoke(revoke, now),
        PoolOperation.Announce announce => _roll.Announce(announce.What, now),
        PoolOperation.Beat beat => _roll.Beat(beat, now),
        PoolOperation.Drain drain => _roll.Drain(drain.AgentId, drain.Incarnation, now),
        PoolOperation.Steer steer => _roll.Steer(steer, now),
        PoolOperation.Leave leave => _roll.Leave(leave.AgentId, leave.Incarnation, now),
        PoolOperation.Reap reap => _roll.Reap(reap.Lease, now),
        _ => throw new UnreachableException(operation.GetType().Name),
    };

    /// <summary>Why a waiting claim does not run.</summary>
    public Refusal WhyNot(ResourceClaim claim, DateTimeOffset now) => _dealer.WhyNot(claim, now);

    private ClaimAnswer Claim(ResourceClaim claim, DateTimeOffset now)
    {
        if (Reservations.TryGetValue(claim.Attempt, out var known))
        {
            return known.Active ? new ClaimAnswer.Granted(known, Agents[known.AgentId!].Facts.TakesBulk) : Closed(known);
        }

        if (Line.Find(claim.Attempt) is { } waiting) { return new ClaimAnswer.Waits(WhyNot(waiting, now)); }
        if (_books.Latest(claim.Attempt.TaskId) > claim.Attempt.Attempt) { return new ClaimAnswer.Closed(); }

        CloseOlder(claim.Attempt, now);
        // Nobody in the line fits anywhere (each change that frees room offers it at once), so whoever fits now
        // overtakes nobody.
        var same = Line.ClassOf(claim);
        if (same is null && _dealer.Find(claim, now) is { } agent)
        {
            _books.Note(claim.Attempt);
            return new ClaimAnswer.Granted(_dealer.Reserve(claim, agent, now), agent.Facts.TakesBulk);
        }

        var why = WhyNot(claim, now);
        if (why.IsFinal) { return new ClaimAnswer.Denied(why); }
        why = _dealer.MakeRoomInTurn(claim, now) ?? why;
        var joining = claim with { Told = why.Code };
        Line.AddNew(joining, same);
        _books.Note(joining.Attempt);
        Changes.Join(joining);
        return new ClaimAnswer.Waits(why);
    }

    // Whoever claims it again has not heard of the room yet, and may hear of the loss only through this answer.
    private static ClaimAnswer.Closed Closed(Reservation known) =>
        Reservation.IsLoss(known.ReleaseReason) ? new ClaimAnswer.Closed(known.AgentId, known.ReleaseReason) : new ClaimAnswer.Closed();

    private PoolAnswer.Released Release(PoolOperation.ReleaseRoom said, DateTimeOffset now)
    {
        var attempt = said.Attempt;
        if (Reservations.TryGetValue(attempt, out var held))
        {
            return new PoolAnswer.Released(held.Active && GiveBack(held, said, now));
        }

        // Also remembers an attempt that was never heard of: its claim may still be on its way and must find the door
        // closed.
        if (Line.Remove(attempt)) { Changes.Leave(attempt); }
        _books.Close(attempt, said.Reason, now);
        _dealer.Unkeep(attempt);
        _dealer.OfferUnkept(now);
        return new PoolAnswer.Released(false);
    }

    private bool GiveBack(Reservation held, PoolOperation.ReleaseRoom said, DateTimeOffset now)
    {
        var agent = Agents[held.AgentId!];
        var (part, devices) = said.ResourceIds is null ? (held.Held, held.GpuIds) : held.Named(said.ResourceIds);
        var reason = said.Reason == GivenBack ? EndOf(said.Outcome) : said.Reason;
        var still = _books.GiveBack(held, part, devices, reason, now);
        if (said.Outcome is { } outcome && !still) { _books.Judge(agent, outcome, held.Attempt.TaskId, _dealer.Scene.Rules.Holds, now); }
        _dealer.Offer(agent, now);
        _dealer.OfferTo(held, part, now);
        return still;
    }

    private PoolAnswer.Done Revoke(PoolOperation.RevokeRoom said, DateTimeOffset now)
    {
        if (Reservations.TryGetValue(said.Attempt, out var held) && held.Active)
        {
            _books.Revoke(held, said.Code, now);
            _dealer.Offer(Agents[held.AgentId!], now);
            _dealer.OfferTo(held, held.Held, now);
        }

        return PoolAnswer.Done.Instance;
    }

    private static string EndOf(AttemptOutcome? outcome) => outcome switch
    {
        AttemptOutcome.Succeeded => Reservation.Succeeded,
        AttemptOutcome.Failed or AttemptOutcome.Refused => Reservation.Failed,
        _ => GivenBack,
    };

    // A newer attempt exists, so the older ones are over, whether or not their release has arrived (G5).
    private void CloseOlder(AttemptKey newer, DateTimeOffset now)
    {
        for (var attempt = Math.Min(_books.Latest(newer.TaskId), newer.Attempt - 1); attempt > 0; attempt--)
        {
            var older = newer with { Attempt = attempt };
            if (Line.Remove(older))
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
                _dealer.OfferTo(held, held.Held, now);
            }
        }
    }
}
