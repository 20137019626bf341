using System.Globalization;
using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Who holds what on one agent. Allocate and Release are its only verbs besides a change of the agent's size.</summary>
/// <param name="declared">What the agent says it can hold.</param>
/// <param name="used">What is held now, by everybody.</param>
/// <param name="holds">
/// Who holds it; a round on the database gives only those that it may touch, hence <paramref name="used"/> apart.
/// </param>
/// <param name="devices">Its GPUs by name; where there are fewer names than GPUs, all of them are called by their numbers.</param>
/// <param name="taken">Devices that are held now, by everybody.</param>
/// <param name="deviceHolds">Which devices those of <paramref name="holds"/> hold.</param>
public sealed class AgentLedger(
    Quantities declared,
    Quantities used = default,
    IEnumerable<KeyValuePair<AttemptKey, Quantities>>? holds = null,
    IReadOnlyList<string>? devices = null,
    IEnumerable<string>? taken = null,
    IEnumerable<KeyValuePair<AttemptKey, IReadOnlyList<string>>>? deviceHolds = null)
{
    private static readonly IReadOnlyList<string> NoDevices = [];
    private readonly Dictionary<AttemptKey, Quantities> _holds = new(holds ?? []);
    private readonly Dictionary<AttemptKey, IReadOnlyList<string>> _deviceHolds = new(deviceHolds ?? []);
    private readonly HashSet<string> _taken = new(taken ?? [], StringComparer.Ordinal);

    /// <summary>What the agent says it can hold.</summary>
    public Quantities Declared
    {
        get;
        private set
        {
            field = value;
            Free = Capacity - Used;
        }
    } = declared;

    /// <summary>Its GPUs by name.</summary>
    public IReadOnlyList<string> Devices { get; private set; } = NamesOf(declared, devices);

    /// <summary>What is held now.</summary>
    public Quantities Used
    {
        get;
        private set
        {
            field = value;
            Free = Capacity - Used;
        }
    } = used;

    /// <summary>
    /// What it can hold as far as the books go: an agent that became smaller than what runs on it shrinks with each release.
    /// </summary>
    public Quantities Capacity => Quantities.Max(Declared, Used);

    /// <summary>What is left; kept, because whoever looks for room asks every agent.</summary>
    public Quantities Free { get; private set; } = Quantities.Max(declared, used) - used;

    /// <summary>Who holds something, as far as it is known here.</summary>
    public IReadOnlyDictionary<AttemptKey, Quantities> Holds => _holds;

    /// <summary>Devices that are held now, those that the agent no longer names included.</summary>
    public IReadOnlySet<string> Taken => _taken;

    /// <summary>The devices that an attempt holds, as far as it is known here.</summary>
    public IReadOnlyList<string> DevicesOf(AttemptKey attempt) => _deviceHolds.GetValueOrDefault(attempt, NoDevices);

    /// <summary>Takes room, or says why not.</summary>
    public Verdict Allocate(AttemptKey attempt, Quantities wanted)
    {
        if (_holds.TryGetValue(attempt, out var held))
        {
            // A redelivered request must get the first answer again, not a second hold.
            return new Verdict.Granted(held, DevicesOf(attempt));
        }

        if (!wanted.FitsIn(Declared)) { return new Verdict.Denied(DenialReason.ExceedsCapacity); }
        if (!wanted.FitsIn(Free)) { return new Verdict.Denied(DenialReason.BusyForNow); }
        // There are at least as many free names as free GPUs: each name that is taken belongs to a GPU that is.
        var picked = wanted.Gpus == 0 ? NoDevices : [.. Devices.Where(device => !_taken.Contains(device)).Take((int)wanted.Gpus)];
        if (picked.Count < wanted.Gpus) { return new Verdict.Denied(DenialReason.BusyForNow); }

        _holds.Add(attempt, wanted);
        if (picked.Count > 0)
        {
            _deviceHolds.Add(attempt, picked);
            _taken.UnionWith(picked);
        }

        Used += wanted;
        return new Verdict.Granted(wanted, picked);
    }

    /// <summary>Gives back everything that an attempt holds; what came back, nothing for a stranger.</summary>
    public Quantities Release(AttemptKey attempt)
    {
        if (!_holds.Remove(attempt, out var held)) { return Quantities.None; }
        Used -= held;
        _taken.ExceptWith(DevicesOf(attempt));
        _ = _deviceHolds.Remove(attempt);
        return held;
    }

    /// <summary>Gives back a part of what an attempt holds; what came back.</summary>
    /// <param name="attempt">Whose.</param>
    /// <param name="part">How much.</param>
    /// <param name="devices">Which of its devices are among it; null: the first of them.</param>
    public Quantities Release(AttemptKey attempt, Quantities part, IReadOnlyCollection<string>? devices = null)
    {
        if (!_holds.TryGetValue(attempt, out var held)) { return Quantities.None; }
        if (!part.FitsIn(held))
        {
            throw new ArgumentOutOfRangeException(nameof(part), part, $"{attempt} holds {held}");
        }
        if (part == held) { return Release(attempt); }
        _holds[attempt] = held - part;
        Used -= part;
        var mine = DevicesOf(attempt);
        var back = devices ?? [.. mine.Take((int)part.Gpus)];
        if (back.Count > 0)
        {
            _taken.ExceptWith(back);
            _deviceHolds[attempt] = [.. mine.Except(back)];
        }

        return part;
    }

    /// <summary>The agent has another size now, or other devices. Nobody is thrown out by it.</summary>
    public void Resize(Quantities declared, IReadOnlyList<string>? devices = null) =>
        (Declared, Devices) = (declared, NamesOf(declared, devices));

    private static IReadOnlyList<string> NamesOf(Quantities declared, IReadOnlyList<string>? devices) =>
        devices is not null && devices.Count >= declared.Gpus ? devices
        : declared.Gpus == 0 ? NoDevices
        : [.. Enumerable.Range(0, (int)declared.Gpus).Select(number => number.ToString(CultureInfo.InvariantCulture))];
}

/// <summary>What a ledger says to a wish.</summary>
public abstract record Verdict
{
    private Verdict()
    {
    }

    /// <summary>It is reserved, now or by an earlier request of the same attempt.</summary>
    /// <param name="Held">What is reserved.</param>
    /// <param name="Devices">The GPUs among it, by name.</param>
    public sealed record Granted(Quantities Held, IReadOnlyList<string> Devices) : Verdict;

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
