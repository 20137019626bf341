using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>The set-based statements behind <see cref="PostgresSubmissionStore"/>.</summary>
internal static class SubmissionSql
{
    public const string Find =
        "SELECT task_id, body_hash, task, created_at, trace_parent FROM gateway.submission WHERE task_id = $1";

    public const string PurgeSubmissions =
        """
        DELETE FROM gateway.submission WHERE ctid = ANY(ARRAY(
          SELECT ctid FROM gateway.submission WHERE created_at < now() - $1 LIMIT $2))
        """;

    public const string PurgeKeys =
        """
        DELETE FROM gateway.idempotency_key WHERE key IN (
          SELECT key FROM gateway.idempotency_key WHERE created_at < now() - interval '24 hours' LIMIT $1)
        """;

    // A key older than 24 hours is worth nothing: the newcomer takes it over. One statement, so two gateways cannot both get it.
    private const string Claim =
        """
        INSERT INTO gateway.idempotency_key (key, body_hash, task_id, created_at)
        SELECT key, body_hash, task_id, now() FROM unnest($1::text[], $2::bytea[], $3::text[]) AS new (key, body_hash, task_id)
        ORDER BY key
        ON CONFLICT (key) DO UPDATE
          SET body_hash = excluded.body_hash, task_id = excluded.task_id, created_at = excluded.created_at
          WHERE idempotency_key.created_at < now() - interval '24 hours'
        RETURNING key
        """;

    private const string ReadKeys = "SELECT key, body_hash, task_id FROM gateway.idempotency_key WHERE key = ANY ($1)";

    private const string Insert =
        """
        INSERT INTO gateway.submission (task_id, body_hash, task, created_at, trace_parent)
        SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::timestamptz[], $5::text[]) AS new (id, a, b, c, d)
        ORDER BY id
        """;

    private const string InsertNew = Insert + " ON CONFLICT (task_id) DO NOTHING RETURNING task_id";

    private const string ReadMany =
        "SELECT task_id, body_hash, task, created_at, trace_parent FROM gateway.submission WHERE task_id = ANY ($1)";

    private const string Forget = "DELETE FROM gateway.idempotency_key WHERE key = ANY ($1)";

    /// <summary>Claims the keys of these submissions and says which were taken before.</summary>
    public static async Task<KeyClaims> ClaimKeys(
        NpgsqlConnection connection, IReadOnlyList<NewSubmission> items, CancellationToken cancellation)
    {
        var keyed = items.Where(item => item.IdempotencyKey is not null).ToList();
        var claims = new KeyClaims();
        if (keyed.Count == 0) { return claims; }
        var keys = keyed.Select(item => item.IdempotencyKey!).ToArray();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(Claim,
            Texts(keys), Bytes(keyed.Select(item => item.Row.BodyHash)), Texts(keyed.Select(item => item.Row.TaskId))));
        batch.BatchCommands.Add(Command(ReadKeys, Texts(keys)));
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var mine = await Names(reader, cancellation).ConfigureAwait(false);
        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var key = reader.GetString(0);
            if (!mine.Contains(key)) { claims.Known[key] = (reader.GetFieldValue<byte[]>(1), reader.GetString(2)); }
        }

        return claims;
    }

    /// <summary>Stores what is taken for new; it fails where one of them is not.</summary>
    public static NpgsqlBatchCommand InsertAll(IReadOnlyList<NewSubmission> items) => Command(Insert, Rows(items));

    /// <summary>Stores what is new, and reads what was there before.</summary>
    public static async Task<StoredSubmissions> InsertSubmissions(
        NpgsqlConnection connection, IReadOnlyList<NewSubmission> items, IEnumerable<string> alsoRead, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(InsertNew, Rows(items)));
        batch.BatchCommands.Add(Command(ReadMany, Texts(items.Select(item => item.Row.TaskId).Concat(alsoRead).Distinct())));
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var stored = new StoredSubmissions(await Names(reader, cancellation).ConfigureAwait(false));
        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var row = ReadRow(reader);
            stored.Rows[row.TaskId] = row;
        }

        return stored;
    }

    /// <summary>A refused submission must not hold its key.</summary>
    public static async Task ForgetKeys(NpgsqlConnection connection, string[] keys, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Forget, connection) { Parameters = { Texts(keys) } };
        _ = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>The row under the reader.</summary>
    public static SubmissionRow ReadRow(NpgsqlDataReader reader) => new()
    {
        TaskId = reader.GetString(0),
        BodyHash = reader.GetFieldValue<byte[]>(1),
        Task = reader.GetString(2),
        CreatedAt = new DateTimeOffset(reader.GetDateTime(3)),
        TraceParent = reader.IsDBNull(4) ? null : reader.GetString(4),
    };

    private static async Task<HashSet<string>> Names(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { _ = names.Add(reader.GetString(0)); }
        return names;
    }

    private static NpgsqlParameter[] Rows(IReadOnlyList<NewSubmission> items) =>
    [
        Texts(items.Select(item => item.Row.TaskId)),
        Bytes(items.Select(item => item.Row.BodyHash)),
        Texts(items.Select(item => item.Row.Task)),
        new NpgsqlParameter
        {
            Value = items.Select(item => item.Row.CreatedAt.UtcDateTime).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        },
        Texts(items.Select(item => item.Row.TraceParent)),
    ];

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) { command.Parameters.Add(parameter); }
        return command;
    }

    private static NpgsqlParameter Texts(IEnumerable<string?> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Bytes(IEnumerable<byte[]> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };
}

/// <summary>Keys of a round that somebody used before, with the body and the task they were used for.</summary>
internal sealed class KeyClaims
{
    public Dictionary<string, (byte[] BodyHash, string TaskId)> Known { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> KnownTaskIds => Known.Values.Select(known => known.TaskId);

    public bool IsKnown(NewSubmission item) => item.IdempotencyKey is { } key && Known.ContainsKey(key);

    /// <summary>The answer that the key alone decides; null when it decides nothing.</summary>
    public Acceptance? Answer(NewSubmission item, StoredSubmissions stored)
    {
        if (item.IdempotencyKey is not { } key || !Known.TryGetValue(key, out var known)) { return null; }
        return known.BodyHash.AsSpan().SequenceEqual(item.Row.BodyHash)
            ? new Acceptance.Replayed(stored.Rows[known.TaskId])
            : new Acceptance.KeyReused(key);
    }
}

/// <summary>The submissions of a round after it: which were new, and what is stored under every id that matters.</summary>
internal sealed class StoredSubmissions(HashSet<string> inserted)
{
    public Dictionary<string, SubmissionRow> Rows { get; } = new(StringComparer.Ordinal);

    /// <summary>The answer that the id decides.</summary>
    public Acceptance Answer(NewSubmission item)
    {
        if (inserted.Contains(item.Row.TaskId)) { return new Acceptance.Taken(item.Row); }
        var first = Rows[item.Row.TaskId];
        return first.BodyHash.AsSpan().SequenceEqual(item.Row.BodyHash)
            ? new Acceptance.Repeated(first)
            : new Acceptance.Conflicts(item.Row.TaskId);
    }
}
