using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>What a round changed: exactly what a store has to write, and what has to be said once it is written.</summary>
public sealed class PoolChanges
{
    /// <summary>Agents whose facts or books are different now.</summary>
    public HashSet<string> Agents { get; } = new(StringComparer.Ordinal);

    /// <summary>Announcements that count; the last one of each agent.</summary>
    public Dictionary<string, Announcement> Announced { get; } = new(StringComparer.Ordinal);

    /// <summary>What agents said that they work on; the last word of each.</summary>
    public Dictionary<string, AgentReport> Reports { get; } = new(StringComparer.Ordinal);

    /// <summary>Attempts whose reservation is different now.</summary>
    public HashSet<AttemptKey> Reservations { get; } = [];

    /// <summary>Every movement, in order.</summary>
    public List<LedgerEntry> Entries { get; } = [];

    /// <summary>By how much more or less each requester has; some may be nothing.</summary>
    public Dictionary<string, Quantities> Use { get; } = new(StringComparer.Ordinal);

    /// <summary>How long attempts held their room that ended by themselves.</summary>
    public List<(string TaskType, TimeSpan Took)> Runs { get; } = [];

    /// <summary>Claims that joined the line and are still in it.</summary>
    public Dictionary<AttemptKey, ResourceClaim> Joined { get; } = [];

    /// <summary>Claims that were in the line before the round and are no more.</summary>
    public HashSet<AttemptKey> Left { get; } = [];

    /// <summary>What is said, in order.</summary>
    public List<Saying> Sayings { get; } = [];

    /// <summary>Whether there is nothing to write.</summary>
    public bool None => Agents.Count + Reservations.Count + Entries.Count + Joined.Count + Left.Count == 0;

    /// <summary>A claim joined the line.</summary>
    public void Join(ResourceClaim claim) => Joined.Add(claim.Attempt, claim);

    /// <summary>A claim left the line; if it joined in the same round, nobody ever knew.</summary>
    public void Leave(AttemptKey attempt)
    {
        if (!Joined.Remove(attempt)) { _ = Left.Add(attempt); }
    }
}

/// <summary>One movement on an agent's books; the rows are never changed, so the sum can be audited (reliability I8).</summary>
/// <param name="Attempt">Whose.</param>
/// <param name="AgentId">Where.</param>
/// <param name="Delta">Taken (positive) or given back (negative).</param>
/// <param name="Devices">The GPUs among it, by name.</param>
/// <param name="UsedAfter">What was held on the agent after it.</param>
/// <param name="CapacityAfter">What the agent could hold after it.</param>
public sealed record LedgerEntry(
    AttemptKey Attempt, string AgentId, Quantities Delta, IReadOnlyList<string> Devices, Quantities UsedAfter, Quantities CapacityAfter)
{
    /// <summary>Whether its devices were taken, and not given back.</summary>
    public bool TakesDevices => Delta.Gpus > 0;
}

/// <summary>A message about an attempt, in the trace of that attempt.</summary>
/// <param name="Message">What is said.</param>
/// <param name="TraceParent">The trace of the claim.</param>
/// <param name="To">To whom.</param>
public sealed record Saying(object Message, string? TraceParent, string To = Endpoints.Allocations);
