using A2A.Micro.Persistence.Sagas;

namespace A2A.Micro.ResourceManager.Allocations;

/// <summary>What is known about one attempt's claim to room.</summary>
public sealed class AllocationSaga : SagaRow
{
    /// <summary>The task.</summary>
    public string TaskId { get; set; } = "";

    /// <summary>The attempt that the room is for.</summary>
    public int Attempt { get; set; }

    /// <summary>Where the room is or was, as far as it was heard; null before there was any.</summary>
    public string? AgentId { get; set; }

    /// <summary>Why it was denied or revoked: a reason code.</summary>
    public string? Code { get; set; }

    /// <summary>Why, for a person.</summary>
    public string? Reason { get; set; }

    /// <summary>
    /// The pool itself answered: it knows the attempt as this does, by its place in the line or its reservation, and answers whoever asks again.
    /// Not stored.
    /// </summary>
    public bool IsKnownToPool { get; set; }

    /// <summary>Most claims wait at most, are granted, and are given back; the line and their reservation say it all.</summary>
    public override bool IsKeptElsewhere => IsKnownToPool && (State is "waiting" or "granted" or "released");

    /// <inheritdoc />
    public override bool StaysInMemory => State is "waiting" or "granted" || IsKeptElsewhere;
}
