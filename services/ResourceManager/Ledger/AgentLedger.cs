namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Who holds what on one agent. Allocate and Release are its only verbs besides a change of the agent's size.</summary>
/// <param name="declared">What the agent says it can hold.</param>
/// <param name="used">What is held now, by everybody.</param>
/// <param name="holds">
/// Who holds it; a round on the database gives only those that it may touch, hence <paramref name="used"/> apart.
/// </param>
public sealed class AgentLedger(
    Quantities declared,
    Quantities used = default,
    IEnumerable<KeyValuePair<AttemptKey, Quantities>>? holds = null)
{
    private readonly Dictionary<AttemptKey, Quantities> _holds = new(holds ?? []);

    /// <summary>What the agent says it can hold.</summary>
    public Quantities Declared { get; private set; } = declared;

    /// <summary>What is held now.</summary>
    public Quantities Used { get; private set; } = used;

    /// <summary>
    /// What it can hold as far as the books go: an agent that became smaller than what runs on it shrinks with each release.
    /// </summary>
    public Quantities Capacity => Quantities.Max(Declared, Used);

    /// <summary>What is left.</summary>
    public Quantities Free => Capacity - Used;

    /// <summary>Who holds something, as far as it is known here.</summary>
    public IReadOnlyDictionary<AttemptKey, Quantities> Holds => _holds;

    /// <summary>Takes room, or says why not.</summary>
    public Verdict Allocate(AttemptKey attempt, Quantities wanted)
    {
        if (_holds.TryGetValue(attempt, out var held))
        {
            // A redelivered request must get the first answer again, not a second hold.
            return new Verdict.Granted(held);
        }

        if (!wanted.FitsIn(Declared)) { return new Verdict.Denied(DenialReason.ExceedsCapacity); }
        if (!wanted.FitsIn(Free)) { return new Verdict.Denied(DenialReason.BusyForNow); }

        _holds.Add(attempt, wanted);
        Used += wanted;
        return new Verdict.Granted(wanted);
    }

    /// <summary>Gives back everything that an attempt holds; what came back, nothing for a stranger.</summary>
    public Quantities Release(AttemptKey attempt)
    {
        if (!_holds.Remove(attempt, out var held)) { return Quantities.None; }
        Used -= held;
        return held;
    }

    /// <summary>Gives back a part of what an attempt holds; what came back.</summary>
    public Quantities Release(AttemptKey attempt, Quantities part)
    {
        if (!_holds.TryGetValue(attempt, out var held)) { return Quantities.None; }
        if (!part.FitsIn(held))
        {
            throw new ArgumentOutOfRangeException(nameof(part), part, $"{attempt} holds {held}");
        }
        if (part == held) { return Release(attempt); }
        _holds[attempt] = held - part;
        Used -= part;
        return part;
    }

    /// <summary>The agent has another size now. Nobody is thrown out by it.</summary>
    public void Resize(Quantities declared) => Declared = declared;
}

/// <summary>What a ledger says to a wish.</summary>
public abstract record Verdict
{
    private Verdict()
    {
    }

    /// <summary>It is reserved, now or by an earlier request of the same attempt.</summary>
    /// <param name="Held">What is reserved.</param>
    public sealed record Granted(Quantities Held) : Verdict;

    /// <summary>It is not reserved.</summary>
    /// <param name="Reason">Whether waiting helps.</param>
    public sealed record Denied(DenialReason Reason) : Verdict;
}

/// <summary>Why a ledger says no.</summary>
public enum DenialReason
{
    /// <summary>Larger than the agent: waiting does not help.</summary>
    ExceedsCapacity,

    /// <summary>Others hold it for now.</summary>
    BusyForNow,
}
