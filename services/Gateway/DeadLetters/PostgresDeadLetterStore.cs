using A2A.Micro.Contracts.Wire;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>Dead letters in PostgreSQL, shared by all Gateways.</summary>
public sealed class PostgresDeadLetterStore(NpgsqlDataSource database, TimeProvider clock) : IDeadLetterStore
{
    private const string Columns = "letter_id, queue, cause, state, message_id, message_type, task_id, error, reason, content_type, headers, "
        + "deaths, edited, replay_at, parked_at, updated_at, parked_by, judged_at, judged_by, judges, resent_at";

    // As DeadLetterRules.Again: what lies here stays as it is.
    private const string Insert = """
        INSERT INTO gateway.dead_letter AS old (letter_id, queue, cause, state, message_id, message_type, task_id, error, reason, content_type,
          headers, body, parked_at, updated_at, parked_by, judges)
        VALUES ($1, $2, $3, 'parked', $4, $5, $6, $7, $8, $9, $10, $12, $13, $13, $11, array_remove(ARRAY[$11], NULL))
        ON CONFLICT (letter_id) DO UPDATE SET
          state = 'parked', cause = excluded.cause, error = excluded.error, reason = excluded.reason, headers = excluded.headers,
          body = excluded.body, content_type = excluded.content_type, deaths = old.deaths + 1, replay_at = NULL,
          parked_at = excluded.parked_at, updated_at = excluded.updated_at, parked_by = excluded.parked_by, resent_at = NULL,
          judges = CASE WHEN excluded.judges <@ old.judges THEN old.judges
            ELSE old.judges[cardinality(old.judges) - 6:] || excluded.judges END
        WHERE old.state <> 'parked'
        """;

    private const string Step = """
        UPDATE gateway.dead_letter AS old SET state = $4, replay_at = new.at, updated_at = $6,
          resent_at = CASE $4 WHEN 'waiting' THEN NULL ELSE old.resent_at END,
          body = coalesce(new.body, old.body), edited = old.edited OR new.body IS NOT NULL
        FROM unnest($1::text[], $2::timestamptz[], $3::bytea[]) AS new (id, at, body)
        WHERE old.letter_id = new.id AND old.state = ANY ($5)
        RETURNING old.letter_id
        """;

    private const string Take = $"""
        UPDATE gateway.dead_letter SET replay_at = $3
        WHERE letter_id IN (
          SELECT letter_id FROM gateway.dead_letter WHERE state = 'waiting' AND replay_at <= $2 ORDER BY replay_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING {Columns}, body
        """;

    private const string Select = $"""
        SELECT {Columns}, ''::bytea FROM gateway.dead_letter
        WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR queue = $2) AND ($3::text IS NULL OR message_type = $3)
          AND ($4::text IS NULL OR task_id = $4) AND ($5::text IS NULL OR error = $5)
          AND ($6::timestamptz IS NULL OR parked_at < $6 OR (parked_at = $6 AND letter_id > $7))
        ORDER BY parked_at DESC, letter_id LIMIT $8
        """;

    // As DeadLetterRules.MayJudge; the index of 0017 has the same condition.
    private const string Judgeable = $"""
        SELECT {Columns}, body FROM gateway.dead_letter
        WHERE state = 'parked' AND reason LIKE 'MSG001 %' AND $1 <> ALL (judges) ORDER BY parked_at, letter_id LIMIT $2
        """;

    // "A2A lett" in hexadecimal ASCII: whoever judges sees the turns that others gave out.
    private const string JudgeAlone = "SELECT pg_advisory_xact_lock(x'413241206c657474'::bigint)";

    private const string Verdicts = """
        WITH new AS (
          SELECT id, fits, count(*) FILTER (WHERE fits) OVER (ORDER BY place) AS turn
          FROM unnest($1::text[], $2::boolean[]) WITH ORDINALITY AS verdict (id, fits, place)),
        last AS (SELECT greatest(max(resent_at), $4 - $5) AS at FROM gateway.dead_letter WHERE state IN ('waiting', 'replayed') AND resent_at IS NOT NULL)
        UPDATE gateway.dead_letter AS old SET judged_at = $4, judged_by = $3, judges = old.judges[cardinality(old.judges) - 6:] || $3,
          state = CASE WHEN fits THEN 'waiting' ELSE old.state END, updated_at = CASE WHEN fits THEN $4 ELSE old.updated_at END,
          replay_at = CASE WHEN fits THEN last.at + turn * $5 END, resent_at = CASE WHEN fits THEN last.at + turn * $5 END
        FROM new, last
        WHERE old.letter_id = new.id AND old.state = 'parked' AND old.reason LIKE 'MSG001 %' AND $3 <> ALL (old.judges)
        RETURNING old.letter_id, fits
        """;

    private const string Delete = """
        DELETE FROM gateway.dead_letter WHERE letter_id IN (
          SELECT letter_id FROM gateway.dead_letter WHERE state IN ('replayed', 'discarded') AND updated_at < $1 LIMIT $2)
        """;

    /// <inheritdoc />
    public async Task Keep(DeadLetterRow letter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(letter);
        await using var command = database.CreateCommand(Insert);
        string?[] texts =
        [
            letter.LetterId, letter.Queue, letter.Cause.Word(), letter.MessageId, letter.MessageType, letter.TaskId, letter.Error, letter.Reason,
            letter.ContentType, letter.Headers, letter.ParkedBy,
        ];
        foreach (var text in texts) { _ = command.Parameters.Add(Text(text)); }
        _ = command.Parameters.AddWithValue(letter.Body);
        _ = command.Parameters.AddWithValue(letter.ParkedAt.UtcDateTime);
        _ = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<DeadLetterRow?> Find(string letterId, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"SELECT {Columns}, body FROM gateway.dead_letter WHERE letter_id = $1");
        _ = command.Parameters.AddWithValue(letterId);
        return await Rows(command, cancellation).ConfigureAwait(false) is [var letter] ? letter : null;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DeadLetterRow>> List(LetterFilter filter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(filter);
        await using var command = database.CreateCommand(Select);
        foreach (var text in new[] { filter.State?.Word(), filter.Queue, filter.MessageType, filter.TaskId, filter.Error })
        {
            _ = command.Parameters.Add(Text(text));
        }

        _ = command.Parameters.Add(Time(filter.After?.ParkedAt));
        _ = command.Parameters.Add(Text(filter.After?.LetterId));
        _ = command.Parameters.AddWithValue(filter.Limit);
        return await Rows(command, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<string>> Move(IReadOnlyList<LetterMove> moves, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(moves);
        if (moves.Count == 0) { return []; }
        var to = moves[0].To;
        await using var command = database.CreateCommand(Step);
        _ = command.Parameters.AddWithValue(moves.Select(move => move.LetterId).ToArray());
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = moves.Select(move => move.ReplayAt?.UtcDateTime).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        });
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = moves.Select(move => move.Body).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        _ = command.Parameters.AddWithValue(to.Word());
        _ = command.Parameters.AddWithValue(DeadLetterRules.Sources(to).Select(state => state.Word()).ToArray());
        _ = command.Parameters.AddWithValue(clock.GetUtcNow().UtcDateTime);
        var moved = new List<string>(moves.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { moved.Add(reader.GetString(0)); }
        return moved;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DeadLetterRow>> TakeDue(int limit, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(Take);
        _ = command.Parameters.AddWithValue(limit);
        _ = command.Parameters.AddWithValue(now.UtcDateTime);
        _ = command.Parameters.AddWithValue((now + LetterDuty.ClaimFor).UtcDateTime);
        return await Rows(command, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DeadLetterRow>> Unjudged(string contract, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Judgeable);
        _ = command.Parameters.AddWithValue(contract);
        _ = command.Parameters.AddWithValue(limit);
        return await Rows(command, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<LetterVerdict>> Judge(string contract, IReadOnlyList<LetterVerdict> verdicts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(verdicts);
        if (verdicts.Count == 0) { return []; }
        // One transaction; the second statement sees what was committed while the first one waited.
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(JudgeAlone));
        var write = new NpgsqlBatchCommand(Verdicts);
        _ = write.Parameters.AddWithValue(verdicts.Select(verdict => verdict.LetterId).ToArray());
        _ = write.Parameters.AddWithValue(verdicts.Select(verdict => verdict.Fits).ToArray());
        _ = write.Parameters.AddWithValue(contract);
        _ = write.Parameters.AddWithValue(clock.GetUtcNow().UtcDateTime);
        _ = write.Parameters.AddWithValue(TimeSpan.FromSeconds(1.0 / DeadLetterRules.RateDefault));
        batch.BatchCommands.Add(write);
        var written = new List<LetterVerdict>(verdicts.Count);
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { written.Add(new LetterVerdict(reader.GetString(0), reader.GetBoolean(1))); }
        return written;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<LetterCount>> Count(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("SELECT queue, state, count(*) FROM gateway.dead_letter GROUP BY queue, state");
        var counts = new List<LetterCount>();
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            counts.Add(new LetterCount(reader.GetString(0), WireWord.Parse<LetterState>(reader.GetString(1)), reader.GetInt64(2)));
        }

        return counts;
    }

    /// <inheritdoc />
    public async Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Delete);
        _ = command.Parameters.AddWithValue((clock.GetUtcNow() - age).UtcDateTime);
        _ = command.Parameters.AddWithValue(limit);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Time(DateTimeOffset? value) =>
        new() { Value = (object?)value?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private static async Task<IReadOnlyList<DeadLetterRow>> Rows(NpgsqlCommand command, CancellationToken cancellation)
    {
        var rows = new List<DeadLetterRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { rows.Add(Row(reader)); }
        return rows;
    }

    private static DeadLetterRow Row(NpgsqlDataReader reader)
    {
        return new DeadLetterRow
        {
            LetterId = reader.GetString(0),
            Queue = reader.GetString(1),
            Cause = WireWord.Parse<LetterCause>(reader.GetString(2)),
            State = WireWord.Parse<LetterState>(reader.GetString(3)),
            MessageId = Read(4),
            MessageType = Read(5),
            TaskId = Read(6),
            Error = Read(7),
            Reason = Read(8),
            ContentType = Read(9),
            Headers = reader.GetString(10),
            Deaths = reader.GetInt32(11),
            Edited = reader.GetBoolean(12),
            ReplayAt = Time(13),
            ParkedAt = reader.GetFieldValue<DateTimeOffset>(14),
            UpdatedAt = reader.GetFieldValue<DateTimeOffset>(15),
            ParkedBy = Read(16),
            JudgedAt = Time(17),
            JudgedBy = Read(18),
            Judges = reader.GetFieldValue<string[]>(19),
            ResentAt = Time(20),
            Body = reader.GetFieldValue<byte[]>(21),
        };

        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

        string? Read(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
