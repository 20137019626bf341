using System.Diagnostics;
using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// Agents and reservations, and the only way to change them together: every movement touches an agent's ledger, the attempt's reservation,
/// and the entry that makes it auditable, or none of them.
/// </summary>
internal sealed class Books
{
    private readonly Dictionary<string, PoolAgent> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<AttemptKey, Reservation> _reservations = [];
    private readonly Dictionary<string, int> _latest = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, PoolAgent> Agents => _agents;

    public IReadOnlyDictionary<AttemptKey, Reservation> Reservations => _reservations;

    public PoolChanges Changes { get; private set; } = new();

    public void Load(PoolAgent agent) => _agents.Add(agent.Id, agent);

    public void Load(Reservation reservation)
    {
        _reservations[reservation.Attempt] = reservation;
        Note(reservation.Attempt);
    }

    public PoolChanges TakeChanges()
    {
        var changes = Changes;
        Changes = new PoolChanges();
        return changes;
    }

    /// <summary>The newest attempt of a task that was heard of; 0 if none.</summary>
    public int Latest(string taskId) => _latest.GetValueOrDefault(taskId);

    public void Note(AttemptKey attempt)
    {
        if (Latest(attempt.TaskId) < attempt.Attempt) { _latest[attempt.TaskId] = attempt.Attempt; }
    }

    public void Forget(AttemptKey attempt)
    {
        if (!_reservations.TryGetValue(attempt, out var known) || known.Active) { return; }
        _ = _reservations.Remove(attempt);
        if (Latest(attempt.TaskId) == attempt.Attempt) { _ = _latest.Remove(attempt.TaskId); }
    }

    /// <summary>Takes room on an agent that placement has chosen.</summary>
    public Reservation Reserve(ResourceClaim claim, PoolAgent agent, DateTimeOffset now)
    {
        if (agent.Ledger.Allocate(claim.Attempt, claim.Wanted) is not Verdict.Granted granted)
        {
            throw new UnreachableException($"placement and ledger of {agent.Id} disagree about {claim.Attempt}");
        }

        Book(claim.Attempt, agent, granted.Held, granted.Devices);
        return Store(new Reservation
        {
            Attempt = claim.Attempt,
            AgentId = agent.Id,
            TaskType = claim.TaskType,
            Held = granted.Held,
            GpuIds = granted.Devices,
            GrantedAt = now,
            TraceParent = claim.TraceParent,
        });
    }

    /// <summary>Gives a part back, or all of it; whether something is still held.</summary>
    public bool GiveBack(Reservation held, Quantities part, IReadOnlyList<string> devices, string reason, DateTimeOffset now)
    {
        if (part == held.Held)
        {
            End(held, reason, now);
            return false;
        }

        if (part != Quantities.None)
        {
            var agent = _agents[held.AgentId!];
            Book(held.Attempt, agent, -agent.Ledger.Release(held.Attempt, part, devices), devices);
            _ = Store(held with { Held = held.Held - part, GpuIds = [.. held.GpuIds.Except(devices)] });
        }

        return true;
    }

    /// <summary>Takes everything back from an attempt.</summary>
    public void End(Reservation held, string reason, DateTimeOffset now)
    {
        var agent = _agents[held.AgentId!];
        Book(held.Attempt, agent, -agent.Ledger.Release(held.Attempt), held.GpuIds);
        _ = Store(held with { ReleasedAt = now, ReleaseReason = reason });
    }

    /// <summary>Remembers that an attempt is over that never held anything.</summary>
    public void Close(AttemptKey attempt, string reason, DateTimeOffset now) =>
        _ = Store(new Reservation { Attempt = attempt, GrantedAt = now, ReleasedAt = now, ReleaseReason = reason });

    private void Book(AttemptKey attempt, PoolAgent agent, Quantities delta, IReadOnlyList<string> devices)
    {
        _ = Changes.Agents.Add(agent.Id);
        Changes.Entries.Add(new LedgerEntry(attempt, agent.Id, delta, devices, agent.Ledger.Used, agent.Ledger.Capacity));
    }

    private Reservation Store(Reservation reservation)
    {
        _ = Changes.Reservations.Add(reservation.Attempt);
        Note(reservation.Attempt);
        return _reservations[reservation.Attempt] = reservation;
    }
}
