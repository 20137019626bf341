using Npgsql;

namespace A2A.Micro.Security.Identity;

/// <summary>Keys in PostgreSQL.</summary>
public sealed class PostgresApiKeyStore(NpgsqlDataSource database) : IApiKeyStore
{
    private const string Columns = "key_id, secret_hash, subject, tenant, scopes, created_at, not_after, revoked_at, last_used_at";

    // The lock makes two requests for the same principal come one after the other: both would count the same keys otherwise.
    private const string Insert =
        $"""
        WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('a2a.keys.' || $4 || '.' || $3, 0)))
        INSERT INTO security.api_key ({Columns})
        SELECT $1, $2, $3, $4, $5, $6, $7, NULL, NULL FROM alone
        """;

    private const string CountActive =
        """
        SELECT count(*) FROM security.api_key
        WHERE tenant = $1 AND subject = $2 AND revoked_at IS NULL AND (not_after IS NULL OR not_after > now())
        """;

    /// <inheritdoc />
    public async Task<bool> Add(ApiKeyRow key, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using var insert = Command(Insert, key.KeyId, key.SecretHash, key.Subject, key.Tenant, (int)key.Scopes, key.CreatedAt.UtcDateTime,
            key.NotAfter?.UtcDateTime);
        insert.Connection = connection;
        _ = await insert.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await using var count = Command(CountActive, key.Tenant, key.Subject);
        count.Connection = connection;
        if (await count.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is long active && active > ApiKeyRow.ActiveMax) { return false; }
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc />
    public async Task<ApiKeyRow?> Find(string keyId, CancellationToken cancellation) =>
        await Read($"SELECT {Columns} FROM security.api_key WHERE key_id = $1", cancellation, keyId).ConfigureAwait(false) is [var key] ? key : null;

    /// <inheritdoc />
    public Task<IReadOnlyList<ApiKeyRow>> List(string tenant, CancellationToken cancellation) =>
        Read($"SELECT {Columns} FROM security.api_key WHERE tenant = $1 ORDER BY created_at DESC, key_id LIMIT 1000", cancellation, tenant);

    /// <inheritdoc />
    public async Task<ApiKeyRow?> Revoke(string keyId, string tenant, DateTimeOffset at, CancellationToken cancellation) =>
        await Read(
            $"UPDATE security.api_key SET revoked_at = coalesce(revoked_at, $3) WHERE key_id = $1 AND tenant = $2 RETURNING {Columns}",
            cancellation, keyId, tenant, at.UtcDateTime).ConfigureAwait(false) is [var key] ? key : null;

    /// <inheritdoc />
    public async Task Touch(IReadOnlyDictionary<string, DateTimeOffset> seen, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(seen);
        if (seen.Count == 0) { return; }
        await using var command = Command(
            """
            UPDATE security.api_key SET last_used_at = greatest(last_used_at, seen.at)
            FROM unnest($1::text[], $2::timestamptz[]) AS seen (id, at) WHERE key_id = seen.id
            """, seen.Keys.ToArray(), seen.Values.Select(at => at.UtcDateTime).ToArray());
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        command.Connection = connection;
        _ = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<ApiKeyRow>> Read(string sql, CancellationToken cancellation, params object?[] values)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var command = Command(sql, values);
        command.Connection = connection;
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var rows = new List<ApiKeyRow>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows.Add(new ApiKeyRow
            {
                KeyId = reader.GetString(0),
                SecretHash = reader.GetFieldValue<byte[]>(1),
                Subject = reader.GetString(2),
                Tenant = reader.GetString(3),
                Scopes = (Scopes)reader.GetInt32(4),
                CreatedAt = new DateTimeOffset(reader.GetDateTime(5)),
                NotAfter = Time(reader, 6),
                RevokedAt = Time(reader, 7),
                LastUsedAt = Time(reader, 8),
            });
        }

        return rows;
    }

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : new DateTimeOffset(reader.GetDateTime(column));

    private static NpgsqlCommand Command(string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlCommand(sql);
        foreach (var value in values)
        {
            _ = command.Parameters.Add(value is null
                ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz }
                : new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
