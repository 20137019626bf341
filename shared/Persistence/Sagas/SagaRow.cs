using MassTransit;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>What every stored saga has besides its own facts.</summary>
public abstract class SagaRow : SagaStateMachineInstance
{
    /// <inheritdoc />
    public Guid CorrelationId { get; set; }

    /// <summary>The machine's state, by name as its wire word; never by ordinal.</summary>
    public string State { get; set; } = "";

    /// <summary>Concurrency token: +1 with every commit. 0 = never stored.</summary>
    public int Version { get; set; }

    /// <summary>When the saga wants to be woken; null: only messages move it. One timer is enough: the machine decides what is due.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>When nobody needs it any more and it may be deleted, set when it ends; null: it has not ended.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>
    /// W3C trace context of the message that created it. Steps that a timer or somebody else's message causes, an hour later perhaps,
    /// continue this trace.
    /// </summary>
    public string? TraceParent { get; set; }

    /// <summary>Whether more messages about it are to be expected soon, and it is small: then it is kept in memory for them.</summary>
    public virtual bool StaysInMemory => true;

    /// <summary>
    /// All that is in it lies elsewhere too, and from there the same answers would be given again: then it is not stored for the first time, and a
    /// message that does not find it begins anew.
    /// </summary>
    public virtual bool IsKeptElsewhere => false;

    /// <summary>Drops what lives only while a message is handled.</summary>
    public virtual void Settle()
    {
    }

    /// <summary>A copy whose changes do not show in this one. Lists inside a saga are replaced, never changed in place.</summary>
    public SagaRow Copy() => (SagaRow)MemberwiseClone();
}
