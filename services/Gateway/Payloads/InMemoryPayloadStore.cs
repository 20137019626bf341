using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Identity;

namespace A2A.Micro.Gateway.Payloads;

/// <summary>Payloads inside the process; lost when it ends.</summary>
public sealed class InMemoryPayloadStore(TimeProvider clock) : IPayloadStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Kept> _payloads = [];

    /// <inheritdoc />
    public Task<bool> Put(PayloadPart part, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(part);
        lock (_gate)
        {
            var (reference, tenant) = (part.Reference, TenantNames.TenantOf(part.TaskId));
            if (!_payloads.TryGetValue(reference.PayloadId, out var kept))
            {
                kept = _payloads[reference.PayloadId] = new Kept(reference, tenant) { LookAt = clock.GetUtcNow() + PayloadDuty.First };
                _ = kept.TaskIds.Add(part.TaskId);
            }

            if (kept.Reference != reference || kept.Tenant != tenant) { return Task.FromResult(false); }
            _ = kept.Parts.TryAdd(part.Number, part.Data);
            return Task.FromResult(true);
        }
    }

    /// <inheritdoc />
    public Task<ReadOnlyMemory<byte>?> Part(Guid payloadId, string taskId, int number, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!_payloads.TryGetValue(payloadId, out var kept) || kept.Tenant != TenantNames.TenantOf(taskId)
                || !kept.Parts.TryGetValue(number, out var data))
            {
                return Task.FromResult<ReadOnlyMemory<byte>?>(null);
            }

            if (kept.TaskIds.Count < IPayloadStore.TasksMax) { _ = kept.TaskIds.Add(taskId); }
            return Task.FromResult<ReadOnlyMemory<byte>?>(data);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> Parts(Guid payloadId, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<ReadOnlyMemory<byte>>>(
                _payloads.TryGetValue(payloadId, out var kept) && kept.Tenant == Caller.Current.Tenant ? [.. kept.Parts.Values] : []);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<OldPayload>> TakeOld(int limit, TimeSpan next, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var old = _payloads.Values.Where(kept => kept.LookAt <= now).OrderBy(kept => kept.LookAt).Take(limit).ToList();
            foreach (var kept in old) { kept.LookAt = now + next; }
            return Task.FromResult<IReadOnlyList<OldPayload>>(
                [.. old.Select(kept => new OldPayload(kept.Reference.PayloadId, kept.Tenant, [.. kept.TaskIds]))]);
        }
    }

    /// <inheritdoc />
    public Task Delete(IReadOnlyList<Guid> payloadIds, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(payloadIds);
        lock (_gate)
        {
            foreach (var id in payloadIds) { _ = _payloads.Remove(id); }
        }

        return Task.CompletedTask;
    }

    private sealed class Kept(PayloadReference reference, string tenant)
    {
        public PayloadReference Reference { get; } = reference;

        public string Tenant { get; } = tenant;

        public HashSet<string> TaskIds { get; } = new(StringComparer.Ordinal);

        public SortedList<int, ReadOnlyMemory<byte>> Parts { get; } = [];

        public DateTimeOffset LookAt { get; set; }
    }
}
