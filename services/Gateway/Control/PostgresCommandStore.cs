using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Security;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.Gateway.Control;

/// <summary>Commands in PostgreSQL. People and programs give few of them, so each is a transaction of its own; a bulk is one.</summary>
public sealed class PostgresCommandStore(NpgsqlDataSource database, IOutbox<GatewayDb> outbox, TimeProvider clock) : ICommandStore
{
    private const string Columns =
        "command_id, task_id, command, body, bulk_id, status, code, detail, state, new_task_id, tries, again_at, created_at, updated_at";

    private const string Insert = $"""
        INSERT INTO gateway.command (command_id, task_id, command, body, bulk_id, status, again_at, created_at, updated_at)
        SELECT id, task, name, body, bulk, 'pending', again, made, made
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
          AS new (id, task, name, body, bulk, again, made)
        ORDER BY id
        ON CONFLICT (command_id) DO NOTHING
        RETURNING command_id
        """;

    private const string ReadMany = $"SELECT {Columns} FROM gateway.command WHERE command_id = ANY ($1)";

    // The order of the words is the order of life; only a later one replaces an earlier one, and nothing replaces what is final.
    private const string Settle = $"""
        INSERT INTO gateway.command AS old (command_id, task_id, command, status, code, detail, state, new_task_id, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
        ON CONFLICT (command_id) DO UPDATE SET
          status = excluded.status, code = excluded.code, detail = excluded.detail, state = excluded.state,
          new_task_id = excluded.new_task_id, updated_at = excluded.updated_at,
          again_at = CASE WHEN excluded.status = 'pending' THEN old.again_at END
        WHERE old.status IN ('pending', 'accepted')
          AND array_position(ARRAY['pending', 'accepted', 'applied', 'rejected'], excluded.status)
            >= array_position(ARRAY['pending', 'accepted', 'applied', 'rejected'], old.status)
        """;

    private const string Take = $"""
        UPDATE gateway.command SET code = NULL, tries = tries + 1,
          again_at = now() + make_interval(secs => least(60, power(2, least(tries + 1, 10))))
        WHERE command_id IN (
          SELECT command_id FROM gateway.command WHERE status = 'pending' AND again_at <= now()
          ORDER BY again_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING {Columns}
        """;

    private const string Delete = """
        DELETE FROM gateway.command WHERE command_id IN (
          SELECT command_id FROM gateway.command WHERE status IN ('applied', 'rejected') AND updated_at < now() - $1 LIMIT $2)
        """;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CommandReceipt>> Accept(IReadOnlyList<NewCommand> commands, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var rows = commands.Select(command => command.Row).ToList();
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(InsertAll(rows));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadMany) { Parameters = { Texts(rows.Select(row => row.CommandId)) } });
        var inserted = new HashSet<string>(StringComparer.Ordinal);
        var stored = new Dictionary<string, CommandRow>(StringComparer.Ordinal);
        await using (var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { _ = inserted.Add(reader.GetString(0)); }
            _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { stored[reader.GetString(0)] = Row(reader); }
        }

        var messages = commands.Where(command => inserted.Contains(command.Row.CommandId)).Select(command => command.Message).OfType<Outgoing>().ToList();
        if (messages.Count > 0)
        {
            await using var sending = new NpgsqlBatch(connection);
            sending.BatchCommands.Add(outbox.Insert(messages));
            _ = await sending.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }

        Failpoints.Hit("command.before-commit");
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        Failpoints.Hit("command.after-commit");
        await outbox.Committed(messages, CancellationToken.None).ConfigureAwait(false);
        return [.. rows.Select(row => stored[row.CommandId]).Zip(rows, (first, row) =>
            new CommandReceipt(first, !inserted.Contains(row.CommandId) && first.Body != row.Body, !inserted.Contains(row.CommandId)))];
    }

    /// <inheritdoc />
    public async Task<CommandRow?> Find(string commandId, CancellationToken cancellation) =>
        await Read("WHERE command_id = $1", [new NpgsqlParameter<string> { TypedValue = commandId }], cancellation).ConfigureAwait(false)
            is [var row] ? row : null;

    /// <inheritdoc />
    public Task<IReadOnlyList<CommandRow>> OfTask(string taskId, int limit, CancellationToken cancellation) => Read(
        "WHERE task_id = $1 ORDER BY created_at LIMIT $2",
        [new NpgsqlParameter<string> { TypedValue = taskId }, new NpgsqlParameter<int> { TypedValue = limit }], cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<CommandRow>> OfBulk(string bulkId, CancellationToken cancellation) => Read(
        "WHERE bulk_id = $1 ORDER BY command_id COLLATE \"C\"", [new NpgsqlParameter<string> { TypedValue = bulkId }], cancellation);

    /// <inheritdoc />
    public async Task<CommandRow> Answer(CommandRow answer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(answer);
        await using (var command = database.CreateCommand(Settle))
        {
            string?[] texts =
            [
                answer.CommandId, answer.TaskId, answer.Command, answer.Status.Word(), answer.Code, answer.Detail, answer.State, answer.NewTaskId,
            ];
            foreach (var text in texts)
            {
                _ = command.Parameters.Add(new NpgsqlParameter { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            }

            _ = command.Parameters.AddWithValue(clock.GetUtcNow().UtcDateTime);
            _ = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }

        return await Find(answer.CommandId, cancellation).ConfigureAwait(false) ?? answer;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<CommandRow>> TakeUnanswered(int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Take);
        _ = command.Parameters.AddWithValue(limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await Rows(reader, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Delete);
        _ = command.Parameters.AddWithValue(age);
        _ = command.Parameters.AddWithValue(limit);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<CommandRow>> Read(string where, NpgsqlParameter[] parameters, CancellationToken cancellation)
    {
        var command = new NpgsqlBatchCommand($"SELECT {Columns} FROM gateway.command {where}");
        foreach (var parameter in parameters) { command.Parameters.Add(parameter); }
        await using var batch = database.Behind(GatewayDb.SchemaName, command);
        await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
        return await Rows(reader, cancellation).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<CommandRow>> Rows(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var rows = new List<CommandRow>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { rows.Add(Row(reader)); }
        return rows;
    }

    private static NpgsqlBatchCommand InsertAll(List<CommandRow> rows) => new(Insert)
    {
        Parameters =
        {
            Texts(rows.Select(row => row.CommandId)),
            Texts(rows.Select(row => row.TaskId)),
            Texts(rows.Select(row => row.Command)),
            Texts(rows.Select(row => row.Body)),
            Texts(rows.Select(row => row.BulkId)),
            Times(rows.Select(row => row.AgainAt ?? row.CreatedAt)),
            Times(rows.Select(row => row.CreatedAt)),
        },
    };

    private static NpgsqlParameter Texts(IEnumerable<string?> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Times(IEnumerable<DateTimeOffset> values) => new()
    {
        Value = values.Select(value => value.UtcDateTime).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
    };

    private static CommandRow Row(NpgsqlDataReader reader) => new()
    {
        CommandId = reader.GetString(0),
        TaskId = reader.GetString(1),
        Command = reader.GetString(2),
        Body = Text(reader, 3),
        BulkId = Text(reader, 4),
        Status = WireWord.Parse<CommandState>(reader.GetString(5)),
        Code = Text(reader, 6),
        Detail = Text(reader, 7),
        State = Text(reader, 8),
        NewTaskId = Text(reader, 9),
        Tries = reader.GetInt32(10),
        AgainAt = reader.IsDBNull(11) ? null : reader.GetFieldValue<DateTimeOffset>(11),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(12),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(13),
    };

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
