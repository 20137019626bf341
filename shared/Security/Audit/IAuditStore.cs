namespace A2A.Micro.Security.Audit;

/// <summary>Where the audit is kept. Two implementations, held to one behaviour by one suite.</summary>
public interface IAuditStore
{
    /// <summary>
    /// Seals entries and keeps them, all or none, after everything that was kept before. One whose key is kept already changes nothing.
    /// </summary>
    Task Append(IReadOnlyList<AuditEntry> entries, CancellationToken cancellation);

    /// <summary>Rows after a number, in order; of one tenant, or null: of all.</summary>
    Task<IReadOnlyList<AuditRow>> Read(string? tenant, long after, int limit, CancellationToken cancellation);

    /// <summary>The last row's place; null while there is none.</summary>
    Task<AuditAnchor?> Head(CancellationToken cancellation);
}

/// <summary>The audit inside the process; lost when it ends.</summary>
public sealed class InMemoryAuditStore : IAuditStore
{
    private const int RowsMax = 100_000;
    private readonly Lock _gate = new();
    private readonly List<AuditRow> _rows = [];
    private readonly HashSet<Guid> _keys = [];

    /// <inheritdoc />
    public Task Append(IReadOnlyList<AuditEntry> entries, CancellationToken cancellation)
    {
        lock (_gate)
        {
            // A process that keeps nothing must not fill its memory either.
            if (_rows.Count + entries.Count > RowsMax) { return Task.CompletedTask; }
            var fresh = entries.Where(entry => entry.Key is not { } key || _keys.Add(key)).ToList();
            _rows.AddRange(AuditChain.Seal(_rows.Count, _rows is [.., var last] ? last.Hash : AuditChain.Genesis, fresh));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<AuditRow>> Read(string? tenant, long after, int limit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<AuditRow>>(
                [.. _rows.Where(row => row.Seq > after && (tenant is null || row.Entry.Tenant == tenant)).Take(limit)]);
        }
    }

    /// <inheritdoc />
    public Task<AuditAnchor?> Head(CancellationToken cancellation)
    {
        lock (_gate) { return Task.FromResult(_rows is [.., var last] ? new AuditAnchor(last.Seq, last.Hash) : null); }
    }
}
