using System.Diagnostics;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// Agents and reservations, and the only way to change them together: every movement touches an agent's ledger, the attempt's reservation,
/// and the entry that makes it auditable, or none of them.
/// </summary>
/// <param name="line">Who waits; it is told whose share is another one now.</param>
/// <param name="countsTenants">Whether what each tenant has is counted besides.</param>
internal sealed class Books(WaitingLine line, bool countsTenants)
{
    private readonly Dictionary<string, PoolAgent> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<AttemptKey, Reservation> _reservations = [];
    private readonly Dictionary<string, int> _latest = new(StringComparer.Ordinal);
    private readonly Dictionary<AttemptKey, string> _earmarks = [];
    private readonly HashSet<AttemptKey> _yielding = [];
    private readonly Dictionary<string, Quantities> _use = new(StringComparer.Ordinal);
    private readonly List<PoolAgent> _open = [];

    public IReadOnlyDictionary<string, PoolAgent> Agents => _agents;

    public IReadOnlyDictionary<AttemptKey, Reservation> Reservations => _reservations;

    /// <summary>What each requester has now.</summary>
    public IReadOnlyDictionary<string, Quantities> Use => _use;

    /// <summary>Agents that have a slot free, in no order.</summary>
    public List<PoolAgent> Open => _open;

    public PoolChanges Changes { get; private set; } = new();

    /// <summary>Brings in what a requester has from the store.</summary>
    public void Load(string requester, Quantities used)
    {
        _use[requester] = used;
        line.ForgetShare(requester);
    }

    /// <summary>On which agents room is kept, by the attempt for which it is.</summary>
    public IReadOnlyDictionary<AttemptKey, string> Earmarks => _earmarks;

    /// <summary>Goes on when an agent comes or becomes another one; not with what is held on it.</summary>
    public FleetClock Clock { get; } = new();

    public void Load(PoolAgent agent)
    {
        _agents.Add(agent.Id, agent);
        agent.Clock = Clock;
        Clock.Tick();
        Sort(agent);
        if (agent.Facts.Earmark is { } kept) { _earmarks[kept.Owner.Attempt] = agent.Id; }
    }

    /// <summary>Keeps the room of an agent for a claim, for another one, or for none any more.</summary>
    public void Keep(PoolAgent agent, Earmark? earmark)
    {
        if (agent.Facts.Earmark == earmark) { return; }
        if (agent.Facts.Earmark is { } before) { _ = _earmarks.Remove(before.Owner.Attempt); }
        if (earmark is not null) { _earmarks[earmark.Owner.Attempt] = agent.Id; }
        agent.Facts = agent.Facts with { Earmark = earmark };
        _ = Changes.Agents.Add(agent.Id);
    }

    /// <summary>An agent has more free than before, or less.</summary>
    public void Sort(PoolAgent agent)
    {
        var isOpen = agent.Ledger.Free.Slots > 0;
        if (isOpen == agent.OpenAt >= 0) { return; }
        if (isOpen)
        {
            agent.OpenAt = _open.Count;
            _open.Add(agent);
            return;
        }

        (_open[agent.OpenAt], _open[^1].OpenAt) = (_open[^1], agent.OpenAt);
        _open.RemoveAt(_open.Count - 1);
        agent.OpenAt = -1;
    }

    /// <summary>How many hold room that may be taken for others.</summary>
    public int Yielding => _yielding.Count;

    public void Load(Reservation reservation)
    {
        Count(reservation);
        _reservations[reservation.Attempt] = reservation;
        Note(reservation.Attempt);
    }

    public PoolChanges TakeChanges()
    {
        var changes = Changes;
        Changes = new PoolChanges();
        return changes;
    }

    /// <summary>The newest attempt of a task that was heard of; 1 if none. Almost all tasks have one, and nothing is kept of those.</summary>
    public int Latest(string taskId) => _latest.GetValueOrDefault(taskId, 1);

    public void Note(AttemptKey attempt)
    {
        if (attempt.Attempt > 1 && Latest(attempt.TaskId) < attempt.Attempt) { _latest[attempt.TaskId] = attempt.Attempt; }
    }

    public void Forget(AttemptKey attempt)
    {
        if (!_reservations.TryGetValue(attempt, out var known) || known.Active) { return; }
        _ = _reservations.Remove(attempt);
        if (attempt.Attempt > 1 && Latest(attempt.TaskId) == attempt.Attempt) { _ = _latest.Remove(attempt.TaskId); }
    }

    /// <summary>Takes room on an agent that placement has chosen.</summary>
    /// <param name="claim">Whose.</param>
    /// <param name="agent">Where.</param>
    /// <param name="yields">Its priority, if its room may be taken for a more urgent claim.</param>
    /// <param name="now">The store's clock.</param>
    public Reservation Reserve(ResourceClaim claim, PoolAgent agent, int? yields, DateTimeOffset now)
    {
        if (agent.Ledger.Allocate(claim.Attempt, claim.Wanted) is not Verdict.Granted granted)
        {
            throw new UnreachableException($"placement and ledger of {agent.Id} disagree about {claim.Attempt}");
        }

        Book(claim.Attempt, claim.Requester, agent, granted.Held, granted.Devices);
        return Store(new Reservation
        {
            Attempt = claim.Attempt,
            AgentId = agent.Id,
            TaskType = claim.TaskType,
            Requester = claim.Requester,
            Held = granted.Held,
            GpuIds = granted.Devices,
            Yields = yields,
            GrantedAt = now,
            TraceParent = claim.TraceParent,
        });
    }

    /// <summary>Gives a part back, or all of it; whether something is still held.</summary>
    public bool GiveBack(Reservation held, Quantities part, IReadOnlyList<string> devices, string reason, DateTimeOffset now)
    {
        if (part == held.Held)
        {
            if (held.TaskType is { } type && Reservation.EndedByItself(reason)) { Changes.Runs.Add((type, now - held.GrantedAt)); }
            End(held, reason, now);
            return false;
        }

        if (part != Quantities.None)
        {
            var agent = _agents[held.AgentId!];
            Book(held.Attempt, held.Requester, agent, -agent.Ledger.Release(held.Attempt, part, devices), devices);
            _ = Store(held with { Held = held.Held - part, GpuIds = [.. held.GpuIds.Except(devices)] });
        }

        return true;
    }

    /// <summary>Notes what the end of an attempt says about its agent.</summary>
    public void Judge(PoolAgent agent, AttemptOutcome outcome, string taskId, HoldRules rules, DateTimeOffset now)
    {
        var after = AgentConduct.After(agent.Facts.Conduct, outcome, taskId, rules, now);
        if (ReferenceEquals(after, agent.Facts.Conduct)) { return; }
        agent.Facts = agent.Facts with { Conduct = after };
        _ = Changes.Agents.Add(agent.Id);
    }

    /// <summary>Takes everything back from an attempt.</summary>
    public void End(Reservation held, string reason, DateTimeOffset now)
    {
        var agent = _agents[held.AgentId!];
        Book(held.Attempt, held.Requester, agent, -agent.Ledger.Release(held.Attempt), held.GpuIds);
        _ = Store(held with { ReleasedAt = now, ReleaseReason = reason });
    }

    /// <summary>Takes everything back from an attempt, and tells whoever holds it.</summary>
    public void Revoke(Reservation held, string code, DateTimeOffset now)
    {
        End(held, code, now);
        Changes.Sayings.Add(new Saying(new ClaimRevoked
        {
            TaskId = held.Attempt.TaskId,
            Attempt = held.Attempt.Attempt,
            AgentId = held.AgentId!,
            Code = code,
        }, held.TraceParent));
    }

    /// <summary>Remembers that an attempt is over that never held anything.</summary>
    public void Close(AttemptKey attempt, string reason, DateTimeOffset now)
    {
        Note(attempt);
        _ = Store(new Reservation { Attempt = attempt, GrantedAt = now, ReleasedAt = now, ReleaseReason = reason });
    }

    private void Count(Reservation reservation)
    {
        if (reservation is { Active: true, Yields: not null, YieldsTo: null }) { _ = _yielding.Add(reservation.Attempt); }
        else if (_yielding.Count > 0) { _ = _yielding.Remove(reservation.Attempt); }
    }

    private void Book(AttemptKey attempt, string requester, PoolAgent agent, Quantities delta, IReadOnlyList<string> devices)
    {
        var used = _use.GetValueOrDefault(requester) + delta;
        if (used == Quantities.None) { _ = _use.Remove(requester); }
        else { _use[requester] = used; }
        line.ForgetShare(requester);
        if (countsTenants) { CountTenant(LineScene.Account(attempt.TaskId), delta.Slots); }
        Sort(agent);
        Changes.Use[requester] = Changes.Use.GetValueOrDefault(requester) + delta;
        _ = Changes.Agents.Add(agent.Id);
        Changes.Entries.Add(new LedgerEntry(attempt, agent.Id, delta, devices, agent.Ledger.Used, agent.Ledger.Capacity));
    }

    // Not stored: it is what the reservations say, and the store adds it up where it must be read.
    private void CountTenant(string account, long slots)
    {
        var used = _use.GetValueOrDefault(account) + new Quantities(slots, 0, 0, 0, 0);
        if (used == Quantities.None) { _ = _use.Remove(account); }
        else { _use[account] = used; }
    }

    /// <summary>Notes for whom an attempt was asked to make room.</summary>
    public void Yield(Reservation held, AttemptKey to) => _ = Store(held with { YieldsTo = to.TaskId });

    private Reservation Store(Reservation reservation)
    {
        Count(reservation);
        _ = Changes.Reservations.Add(reservation.Attempt);
        return _reservations[reservation.Attempt] = reservation;
    }
}
