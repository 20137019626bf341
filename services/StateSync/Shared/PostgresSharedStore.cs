using A2A.Micro.Contracts.States;
using A2A.Micro.StateSync.States;
using Npgsql;

namespace A2A.Micro.StateSync.Shared;

/// <summary>
/// What agents share, in PostgreSQL. An update holds the advisory lock of its task from read to commit, so of two writers on one version one wins
/// and the other is told.
/// </summary>
public sealed class PostgresSharedStore(NpgsqlDataSource source, TimeProvider clock) : ISharedStore
{
    private const string Columns = "task_id, name, version, value, agent_id, updated_at";
    private const string ReadOne = $"select {Columns}, recent from {StateSyncDb.SchemaName}.shared_state where task_id = $1 and name = $2";
    private const string CountNames = $"select count(*) from {StateSyncDb.SchemaName}.shared_state where task_id = $1";
    private const string ReadAll = $"""
        select {Columns} from {StateSyncDb.SchemaName}.shared_state where task_id = $1 and value is not null and name = coalesce($2, name) order by name
        """;

    private const string ReadAgent = $"select agent_id from {StateSyncDb.SchemaName}.task_state where task_id = $1";

    private const string Write = $"""
        insert into {StateSyncDb.SchemaName}.shared_state ({Columns}, recent) values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (task_id, name) do update set
          version = excluded.version, value = excluded.value, agent_id = excluded.agent_id, updated_at = excluded.updated_at, recent = excluded.recent
        """;

    private const string Drop = $"""
        delete from {StateSyncDb.SchemaName}.shared_state where ctid = any(array(
          select shared.ctid from {StateSyncDb.SchemaName}.shared_state as shared where shared.updated_at < $1 and not exists (
            select from {StateSyncDb.SchemaName}.task_state as task where task.task_id = shared.task_id)
          limit $2))
        """;

    /// <inheritdoc />
    public async Task<StateUpdated> Update(UpdateState update, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(update);
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var (before, names, agent) = await Lock(connection, update, cancellation).ConfigureAwait(false);
        if (SharedRules.Stranger(update.TaskId, update.AgentId, update.WorkingOn, agent) is { } no) { return SharedRules.Refuse(update, no); }
        var (after, answer) = SharedRules.Decide(before, names, update, clock.GetUtcNow());
        if (ReferenceEquals(before, after) || after is null) { return answer; }
        await using var command = new NpgsqlCommand(Write, connection);
        var state = after.State;
        command.Parameters.AddRange((NpgsqlParameter[])
        [
            new NpgsqlParameter<string> { TypedValue = state.TaskId },
            new NpgsqlParameter<string> { TypedValue = state.Name },
            new NpgsqlParameter<long> { TypedValue = state.Version },
            new NpgsqlParameter<string?> { TypedValue = state.Value?.GetRawText() },
            new NpgsqlParameter<string?> { TypedValue = state.AgentId },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = state.UpdatedAt!.Value },
            new NpgsqlParameter<Guid[]> { TypedValue = [.. after.Recent] },
        ]);
        _ = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return answer;
    }

    /// <inheritdoc />
    public async Task<StateRead> Read(ReadState question, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(question);
        await using var batch = source.CreateBatch();
        batch.BatchCommands.Add(AgentOf(SharedRules.Warrant(question.TaskId, question.AgentId, question.WorkingOn)));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadAll)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = question.TaskId }, new NpgsqlParameter<string?> { TypedValue = question.Name } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var agent = await Agent(reader, cancellation).ConfigureAwait(false);
        if (SharedRules.Stranger(question.TaskId, question.AgentId, question.WorkingOn, agent) is { } no) { return new StateRead { States = [], Error = no }; }
        var states = new List<SharedState>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { states.Add(StateOf(reader)); }
        return new StateRead { States = states };
    }

    /// <inheritdoc />
    public async Task<int> DropOrphans(DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(Drop);
        _ = command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before.ToUniversalTime() });
        _ = command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task<(SharedRow? Row, int Names, string? Agent)> Lock(NpgsqlConnection connection, UpdateState update, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(StateReader.LockCommand([update.TaskId]));
        batch.BatchCommands.Add(AgentOf(SharedRules.Warrant(update.TaskId, update.AgentId, update.WorkingOn)));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(CountNames) { Parameters = { new NpgsqlParameter<string> { TypedValue = update.TaskId } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadOne)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = update.TaskId }, new NpgsqlParameter<string> { TypedValue = update.Name } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        var agent = await Agent(reader, cancellation).ConfigureAwait(false);
        _ = await reader.ReadAsync(cancellation).ConfigureAwait(false);
        var names = (int)reader.GetInt64(0);
        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        return await reader.ReadAsync(cancellation).ConfigureAwait(false)
            ? (new SharedRow(StateOf(reader), reader.GetFieldValue<Guid[]>(6)), names, agent)
            : (null, names, agent);
    }

    private static NpgsqlBatchCommand AgentOf(string? taskId) =>
        new(ReadAgent) { Parameters = { new NpgsqlParameter<string?> { TypedValue = taskId } } };

    // The agent of the result that comes next; leaves the reader at the one after it.
    private static async Task<string?> Agent(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var agent = await reader.ReadAsync(cancellation).ConfigureAwait(false) && !reader.IsDBNull(0) ? reader.GetString(0) : null;
        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        return agent;
    }

    private static SharedState StateOf(NpgsqlDataReader row) => new()
    {
        TaskId = row.GetString(0),
        Name = row.GetString(1),
        Version = row.GetInt64(2),
        Value = row.IsDBNull(3) ? null : StoredJson.Element(row.GetString(3)),
        AgentId = row.IsDBNull(4) ? null : row.GetString(4),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(5),
    };
}
