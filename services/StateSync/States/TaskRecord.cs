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

    /// <summary>How far the partial results of the current attempt have come; a redelivery is recognised by it.</summary>
    public PartialMark? LastPartial { get; init; }

    /// <summary>Transitions that wait for the ones before them, by sequence.</summary>
    public ImmutableSortedDictionary<long, TaskTransitioned> Early { get; init; } =
        ImmutableSortedDictionary<long, TaskTransitioned>.Empty;

    /// <summary>The furthest status of an attempt that is not running yet as far as is known here.</summary>
    public TaskStatusUpdate? EarlyStatus { get; init; }

    /// <summary>Partial results of such an attempt, in the order in which the agent sent them.</summary>
    public EarlyPartials EarlyPartials { get; init; } = EarlyPartials.None;

    /// <summary>Whether anything waits for its turn.</summary>
    public bool HoldsBack => Early.Count > 0 || EarlyStatus is not null || !EarlyPartials.IsEmpty;
}
