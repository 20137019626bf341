using A2A.Micro.Contracts.Payloads;

namespace A2A.Micro.Gateway.Payloads;

/// <summary>Where large parameters and results lie. Two implementations, held to one behaviour by the conformance suite.</summary>
public interface IPayloadStore
{
    /// <summary>Most tasks that one payload is kept for; the members of a group are as many.</summary>
    const int TasksMax = 256;

    /// <summary>Stores one part; the first word about a payload and about each part counts. False: this is not the payload that was begun.</summary>
    Task<bool> Put(PayloadPart part, CancellationToken cancellation);

    /// <summary>One part for a task of the same tenant, which keeps the payload from now on, too; null when there is none for it.</summary>
    Task<ReadOnlyMemory<byte>?> Part(Guid payloadId, string taskId, int number, CancellationToken cancellation);

    /// <summary>All parts in their order, for the tenant that asks; fewer than there should be when it is gone or not complete.</summary>
    Task<IReadOnlyList<ReadOnlyMemory<byte>>> Parts(Guid payloadId, CancellationToken cancellation);

    /// <summary>Payloads at which it is time to look, at most so many; they are looked at again when <paramref name="next"/> has passed.</summary>
    Task<IReadOnlyList<OldPayload>> TakeOld(int limit, TimeSpan next, CancellationToken cancellation);

    /// <summary>Deletes them.</summary>
    Task Delete(IReadOnlyList<Guid> payloadIds, CancellationToken cancellation);
}

/// <summary>One part on its way into the store.</summary>
/// <param name="Reference">The whole.</param>
/// <param name="TaskId">The inside id of the task that it belongs to.</param>
/// <param name="Number">Which part, from 1.</param>
/// <param name="Data">The part.</param>
public sealed record PayloadPart(PayloadReference Reference, string TaskId, int Number, ReadOnlyMemory<byte> Data);

/// <summary>A payload at which it is time to look.</summary>
/// <param name="PayloadId">Which.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="TaskIds">The tasks that it is kept for.</param>
public sealed record OldPayload(Guid PayloadId, string Tenant, IReadOnlyList<string> TaskIds);
