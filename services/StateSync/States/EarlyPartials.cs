using System.Collections.Immutable;
using System.Runtime.InteropServices;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// Partial results that came before it was known that their attempt runs: the Scheduler's word takes a way longer than the agent's. At most
/// <see cref="CountMax"/> of at most <see cref="BytesMax"/> together. Immutable.
/// </summary>
public sealed class EarlyPartials
{
    /// <summary>Most that wait for one task.</summary>
    public const int CountMax = 256;

    /// <summary>Most bytes of data that wait for one task.</summary>
    public const int BytesMax = 4 * 1024 * 1024;

    // A number is below 2^31, and so is a time in milliseconds below 2^42.
    private const int NumberBits = 42;

    private readonly ImmutableSortedDictionary<long, TaskPartial> _byKey;
    private readonly long _bytes;

    private EarlyPartials(ImmutableSortedDictionary<long, TaskPartial> byKey, long bytes) => (_byKey, _bytes) = (byKey, bytes);

    /// <summary>None.</summary>
    public static EarlyPartials None { get; } = new(ImmutableSortedDictionary<long, TaskPartial>.Empty, 0);

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _byKey.IsEmpty;

    /// <summary>By key, in the order in which the agent sent them.</summary>
    public IEnumerable<KeyValuePair<long, TaskPartial>> InOrder => _byKey;

    /// <summary>Tells the partial results of a task apart and puts them in order: by attempt, then by number, or by time where there is none.</summary>
    public static long KeyOf(TaskPartial partial)
    {
        ArgumentNullException.ThrowIfNull(partial);
        return ((long)partial.Attempt << NumberBits) | (partial.Number ?? partial.Timestamp.ToUnixTimeMilliseconds() & ((1L << NumberBits) - 1));
    }

    /// <summary>Whether it waits already.</summary>
    public bool Contains(TaskPartial partial) => _byKey.ContainsKey(KeyOf(partial));

    /// <summary>Whether there is room for one more.</summary>
    public bool HasRoomFor(TaskPartial partial) => _byKey.Count < CountMax && _bytes + Bytes(partial) <= BytesMax;

    /// <summary>With this one, under its key or the one it was stored under.</summary>
    public EarlyPartials With(TaskPartial partial, long? key = null) =>
        new(_byKey.SetItem(key ?? KeyOf(partial), partial), _bytes + Bytes(partial));

    /// <summary>Without the one of this key.</summary>
    public EarlyPartials Without(long key) =>
        _byKey.TryGetValue(key, out var gone) ? new(_byKey.Remove(key), _bytes - Bytes(gone)) : this;

    private static int Bytes(TaskPartial partial) =>
        partial.IntermediateData is { } data ? JsonMarshal.GetRawUtf8Value(data).Length : 0;
}
