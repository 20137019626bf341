using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.Security.Audit;

/// <summary>The audit in PostgreSQL. One row keeps the end of the chain; whoever seals holds it, so that instances follow each other.</summary>
public sealed class PostgresAuditStore(NpgsqlDataSource database) : IAuditStore
{
    private const string Columns = "seq, at, actor, tenant, action, object, attempt, outcome, reason, ip, trace, prev_hash, hash, key";

    private const string Insert =
        $"""
        INSERT INTO security.audit ({Columns})
        SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[],
          $10::text[], $11::text[], $12::bytea[], $13::bytea[], $14::uuid[])
        """;

    /// <inheritdoc />
    public async Task Append(IReadOnlyList<AuditEntry> entries, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.Count == 0) { return; }
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var (seq, hash) = await Lock(connection, cancellation).ConfigureAwait(false);
        var fresh = await Fresh(connection, entries, cancellation).ConfigureAwait(false);
        if (fresh.Count == 0) { return; }
        var rows = AuditChain.Seal(seq, hash, fresh);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(InsertAll(rows));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("UPDATE security.audit_head SET seq = $1, hash = $2")
        {
            Parameters = { new NpgsqlParameter { Value = rows[^1].Seq }, new NpgsqlParameter { Value = rows[^1].Hash } },
        });
        _ = await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<AuditRow>> Read(string? tenant, long after, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(tenant is null
            ? $"SELECT {Columns} FROM security.audit WHERE seq > $1 ORDER BY seq LIMIT $2"
            : $"SELECT {Columns} FROM security.audit WHERE tenant = $3 AND seq > $1 ORDER BY seq LIMIT $2");
        _ = command.Parameters.AddWithValue(after);
        _ = command.Parameters.AddWithValue(limit);
        if (tenant is not null) { _ = command.Parameters.AddWithValue(tenant); }
        var rows = new List<AuditRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { rows.Add(Row(reader)); }
        return rows;
    }

    /// <inheritdoc />
    public async Task<AuditAnchor?> Head(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("SELECT seq, hash FROM security.audit_head WHERE seq > 0");
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await reader.ReadAsync(cancellation).ConfigureAwait(false) ? new AuditAnchor(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)) : null;
    }

    private static async Task<(long Seq, byte[] Hash)> Lock(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT seq, hash FROM security.audit_head FOR UPDATE", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        _ = await reader.ReadAsync(cancellation).ConfigureAwait(false);
        return (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
    }

    // Whoever seals holds the end of the chain: what is not there now will not be put there by another.
    private static async Task<IReadOnlyList<AuditEntry>> Fresh(NpgsqlConnection connection, IReadOnlyList<AuditEntry> entries, CancellationToken cancellation)
    {
        var keys = entries.Select(entry => entry.Key).OfType<Guid>().ToArray();
        if (keys.Length == 0) { return entries; }
        await using var command = new NpgsqlCommand("SELECT key FROM security.audit WHERE key = ANY($1)", connection);
        _ = command.Parameters.Add(new NpgsqlParameter { Value = keys, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        var known = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { _ = known.Add(reader.GetGuid(0)); }
        return [.. entries.Where(entry => entry.Key is not { } key || known.Add(key))];
    }

    private static NpgsqlBatchCommand InsertAll(IReadOnlyList<AuditRow> rows)
    {
        var command = new NpgsqlBatchCommand(Insert);
        Add(rows.Select(row => row.Seq), NpgsqlDbType.Bigint);
        Add(rows.Select(row => row.Entry.At.UtcDateTime), NpgsqlDbType.TimestampTz);
        Add(rows.Select(row => row.Entry.Actor), NpgsqlDbType.Text);
        Add(rows.Select(row => row.Entry.Tenant), NpgsqlDbType.Text);
        Add(rows.Select(row => row.Entry.Action), NpgsqlDbType.Text);
        Add(rows.Select(row => row.Entry.Object), NpgsqlDbType.Text);
        Add(rows.Select(row => row.Entry.Attempt), NpgsqlDbType.Integer);
        Add(rows.Select(row => row.Entry.Outcome), NpgsqlDbType.Text);
        Add(rows.Select(row => row.Entry.Reason), NpgsqlDbType.Text);
        Add(rows.Select(row => row.Entry.Ip), NpgsqlDbType.Text);
        Add(rows.Select(row => row.Entry.Trace), NpgsqlDbType.Text);
        Add(rows.Select(row => row.PrevHash), NpgsqlDbType.Bytea);
        Add(rows.Select(row => row.Hash), NpgsqlDbType.Bytea);
        Add(rows.Select(row => row.Entry.Key), NpgsqlDbType.Uuid);
        return command;

        void Add<T>(IEnumerable<T> values, NpgsqlDbType type) =>
            command.Parameters.Add(new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    private static AuditRow Row(NpgsqlDataReader reader)
    {
        return new AuditRow(reader.GetInt64(0), new AuditEntry
        {
            At = new DateTimeOffset(reader.GetDateTime(1)),
            Actor = reader.GetString(2),
            Tenant = reader.GetString(3),
            Action = reader.GetString(4),
            Object = Text(5),
            Attempt = reader.IsDBNull(6) ? null : reader.GetInt32(6),
            Outcome = reader.GetString(7),
            Reason = Text(8),
            Ip = Text(9),
            Trace = Text(10),
            Key = reader.IsDBNull(13) ? null : reader.GetGuid(13),
        }, reader.GetFieldValue<byte[]>(11), reader.GetFieldValue<byte[]>(12));

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
