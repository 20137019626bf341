using System.Collections.Immutable;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.States;

/// <summary>Everything that is known about one task: its document, and what came too early for it.</summary>
public sealed record TaskRecord
{
    /// <summary>A task that nobody has heard of.</summary>
    public static TaskRecord Empty { get; } = new();

    /// <summary>The document; null before sequence 1.</summary>
    public TaskDocument? Document { get; init; }

    /// <summary>What was asked for, when it is small and has been seen here; the document of a remembered record is without it.</summary>
    public SmallInput? Input { get; init; }

    /// <summary>The last partial result of the current attempt; a redelivery is recognised by it.</summary>
    public PartialMark? LastPartial { get; init; }

    /// <summary>Transitions that wait for the ones before them, by sequence.</summary>
    public ImmutableSortedDictionary<long, TaskTransitioned> Early { get; init; } =
        ImmutableSortedDictionary<long, TaskTransitioned>.Empty;

    /// <summary>The furthest status of an attempt that is not running yet as far as is known here.</summary>
    public TaskStatusUpdate? EarlyStatus { get; init; }

    /// <summary>The furthest partial result of such an attempt.</summary>
    public TaskPartial? EarlyPartial { get; init; }

    /// <summary>Whether anything waits for its turn.</summary>
    public bool HoldsBack => Early.Count > 0 || EarlyStatus is not null || EarlyPartial is not null;
}

/// <summary>Which partial result it was: an agent sends them in this order and may send several for one portion.</summary>
/// <param name="Portion">0..1.</param>
/// <param name="AtMs">When the agent said so, in milliseconds since 1970.</param>
public readonly record struct PartialMark(double Portion, long AtMs) : IComparable<PartialMark>
{
    /// <summary>The mark of a partial result.</summary>
    public static PartialMark Of(TaskPartial partial) =>
        new(partial.CompletedPortion, partial.Timestamp.ToUnixTimeMilliseconds());

    /// <inheritdoc />
    public int CompareTo(PartialMark other) => (Portion, AtMs).CompareTo((other.Portion, other.AtMs));

    /// <summary>Whether it is the earlier one.</summary>
    public static bool operator <(PartialMark left, PartialMark right) => left.CompareTo(right) < 0;

    /// <summary>Whether it is the later one.</summary>
    public static bool operator >(PartialMark left, PartialMark right) => left.CompareTo(right) > 0;

    /// <summary>Whether it is not the later one.</summary>
    public static bool operator <=(PartialMark left, PartialMark right) => left.CompareTo(right) <= 0;

    /// <summary>Whether it is not the earlier one.</summary>
    public static bool operator >=(PartialMark left, PartialMark right) => left.CompareTo(right) >= 0;
}
