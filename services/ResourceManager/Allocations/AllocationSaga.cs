using A2A.Micro.Contracts.Resources;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Allocations;

/// <summary>What is known about one attempt's claim to room.</summary>
public sealed class AllocationSaga : SagaRow
{
    /// <summary>The task.</summary>
    public string TaskId { get; set; } = "";

    /// <summary>The attempt that the room is for.</summary>
    public int Attempt { get; set; }

    /// <summary>Where the room is or was; null before there was any.</summary>
    public string? AgentId { get; set; }

    /// <summary>Tasks at once.</summary>
    public long Slots { get; set; }

    /// <summary>Thousandths of a core.</summary>
    public long CpuMilli { get; set; }

    /// <summary>Memory in MiB.</summary>
    public long MemoryMib { get; set; }

    /// <summary>Storage in MiB.</summary>
    public long StorageMib { get; set; }

    /// <summary>Whole GPUs.</summary>
    public long Gpus { get; set; }

    /// <summary>The devices among them by name, separated by commas; empty when they have none.</summary>
    public string GpuIds { get; set; } = "";

    /// <summary>Why it was denied or revoked: a reason code.</summary>
    public string? Code { get; set; }

    /// <summary>Why, for a person.</summary>
    public string? Reason { get; set; }

    /// <summary>
    /// The agent takes offers in company. Lives only while the message that brought the place is handled; not stored: who asks once more gets
    /// his offer alone.
    /// </summary>
    public bool TakesBulk { get; set; }

    /// <summary>
    /// The pool itself answered: it knows the attempt as this does, by its reservation, and gives the same answer to whoever asks again. Not stored.
    /// </summary>
    public bool IsKnownToPool { get; set; }

    /// <summary>Most claims are granted at once and given back at the end; their reservation says it all.</summary>
    public override bool IsKeptElsewhere => IsKnownToPool && (State is "granted" or "released");

    /// <inheritdoc />
    public override void Settle() => TakesBulk = false;

    /// <inheritdoc />
    public override bool StaysInMemory => State is "waiting" or "granted" || IsKeptElsewhere;

    /// <summary>What was granted.</summary>
    public Quantities Held() => new(Slots, CpuMilli, MemoryMib, StorageMib, Gpus);

    /// <summary>Which devices were granted.</summary>
    public IReadOnlyList<string> Devices() => GpuIds.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
