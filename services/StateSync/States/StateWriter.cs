using System.Collections.Immutable;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using Npgsql;

namespace A2A.Micro.StateSync.States;

/// <summary>The writes of a round: one statement per table and kind of write, whatever the number of tasks.</summary>
internal static class StateWriter
{
    private const string Columns =
        "task_type, state, phase, version, sequence, attempt, agent_id, priority, requester_agent_id, progress, " +
        "created_at, updated_at, ended_at, partial_portion, partial_at_ms, partial_number, partial_before, document, input, output, parent_task_id";

    private const string Source =
        $"unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23) " +
        $"as new(task_id, {Columns}, base)";

    private const string Insert = $"""
        insert into {StateSyncDb.SchemaName}.task_state (task_id, {Columns}) select task_id, {Columns} from {Source}
        on conflict (task_id) do nothing
        """;

    private const string Assignments = """
        state = new.state, phase = new.phase, version = new.version, sequence = new.sequence, attempt = new.attempt,
        agent_id = new.agent_id, priority = new.priority, progress = new.progress, updated_at = new.updated_at, ended_at = new.ended_at,
        partial_portion = new.partial_portion, partial_at_ms = new.partial_at_ms,
        partial_number = new.partial_number, partial_before = new.partial_before, document = new.document,
        input = coalesce(new.input, old.input), output = coalesce(new.output, old.output)
        """;

    private const string Update = $"""
        update {StateSyncDb.SchemaName}.task_state as old set {Assignments}
        from {Source} where old.task_id = new.task_id and old.version = new.base
        """;

    private const string InsertChanges = $"""
        insert into {StateSyncDb.SchemaName}.state_change (task_id, version, sequence, at, change)
        select * from unnest($1, $2, $3, $4, $5)
        """;

    // Rows whose base no longer holds, and tasks for which something waits, are left alone, each for itself. "is true" keeps the planner from
    // making a join of it, row by row, where one hashed look-up will do.
    private const string WriteGuesses = $"""
        with new as (
          select * from {Source} where (task_id in (
            select held.task_id from {StateSyncDb.SchemaName}.held as held where held.task_id = any($1))) is not true),
        changed as (
          update {StateSyncDb.SchemaName}.task_state as old set {Assignments}
          from new where new.base > 0 and old.task_id = new.task_id and old.version = new.base returning old.task_id),
        created as (
          insert into {StateSyncDb.SchemaName}.task_state (task_id, {Columns}) select task_id, {Columns} from new where new.base = 0
          on conflict (task_id) do nothing returning task_id),
        written as (select task_id from changed union all select task_id from created),
        noted as (
          insert into {StateSyncDb.SchemaName}.state_change (task_id, version, sequence, at, change)
          select * from unnest($24, $25, $26, $27, $28) as made(task_id, version, sequence, at, change)
          where (made.task_id in (select task_id from written)) is true),
        labelled as (
          insert into {StateSyncDb.SchemaName}.task_label (label, task_id)
          select * from unnest($29, $30) as made(label, task_id) where (made.task_id in (select task_id from written)) is true
          on conflict do nothing)
        select task_id from written
        """;

    private const string DeleteHeld = $"""
        delete from {StateSyncDb.SchemaName}.held as held using unnest($1, $2, $3) as gone(task_id, kind, number)
        where held.task_id = gone.task_id and held.kind = gone.kind and held.number = gone.number
        """;

    private const string InsertHeld = $"""
        insert into {StateSyncDb.SchemaName}.held (task_id, kind, number, at, body)
        select * from unnest($1, $2, $3, $4, $5)
        on conflict (task_id, kind, number) do update set at = excluded.at, body = excluded.body
        """;

    private const string DeleteLabels = $"delete from {StateSyncDb.SchemaName}.task_label where task_id = any($1)";

    private const string InsertLabels = $"""
        insert into {StateSyncDb.SchemaName}.task_label (label, task_id) select * from unnest($1, $2) on conflict do nothing
        """;

    /// <summary>Writes what changed.</summary>
    /// <exception cref="ConcurrencyConflictException">A document is not the one that was read; nothing may be committed.</exception>
    public static async Task Write(
        NpgsqlConnection connection, IReadOnlyList<TaskWork> tasks, DateTimeOffset now, CancellationToken cancellation)
    {
        if (tasks.Count == 0) { return; }
        TaskWork[] made = [.. tasks.Where(task => task.Before.Document is null && task.After.Document is not null)];
        TaskWork[] moved = [.. tasks.Where(task => task.Before.Document is not null && task.Changes.Count > 0)];
        NumberedChange[] changes = [.. tasks.SelectMany(task => task.Changes)];
        await using var batch = new NpgsqlBatch(connection);
        var inserted = Add(batch, Insert, made.Length, () => Documents(made));
        var updated = Add(batch, Update, moved.Length, () => Documents(moved));
        _ = Add(batch, InsertChanges, changes.Length, () => Changes(changes));
        AddLabels(batch, made, moved);
        AddHeld(batch, tasks, now);
        _ = await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        if ((inserted?.RecordsAffected ?? 0) != made.Length || (updated?.RecordsAffected ?? 0) != moved.Length)
        {
            throw new ConcurrencyConflictException("a task document changed between read and write");
        }
    }

    /// <summary>
    /// Writes what was decided on remembered records, in one round trip that is a transaction of its own, and returns the tasks of which the
    /// memory was right. Nothing is written of the others.
    /// </summary>
    public static async Task<HashSet<string>> WriteGuessed(
        NpgsqlDataSource source, IReadOnlyList<TaskWork> tasks, CancellationToken cancellation)
    {
        TaskWork[] guesses = [.. tasks];
        await using var batch = source.CreateBatch();
        // A statement of its own: what is read after it is what the last holder of the locks has committed.
        batch.BatchCommands.Add(StateReader.LockCommand(guesses.Select(task => task.TaskId)));
        NumberedChange[] changes = [.. tasks.SelectMany(task => task.Changes)];
        _ = Add(batch, WriteGuesses, guesses.Length, () => [.. Documents(guesses), .. Changes(changes), .. Labels(LabelsOf(guesses))]);
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        var written = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { _ = written.Add(reader.GetString(0)); }
        return written;
    }

    private static NpgsqlBatchCommand? Add(NpgsqlBatch batch, string sql, int rows, Func<NpgsqlParameter[]> parameters)
    {
        if (rows == 0) { return null; }
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters());
        batch.BatchCommands.Add(command);
        return command;
    }

    private static NpgsqlParameter[] Documents(TaskWork[] tasks)
    {
        var documents = Array.ConvertAll(tasks, task => task.After.Document!);
        return
        [
            Column(documents, row => row.TaskId),
            Column(documents, row => row.TaskType),
            Column(documents, row => row.State.Word()),
            Column(documents, row => row.Phase.Word()),
            Column(documents, row => row.Version),
            Column(documents, row => row.Sequence),
            Column(documents, row => row.Attempt),
            Column(documents, row => row.AgentId),
            Column(documents, row => row.Priority),
            Column(documents, row => row.RequesterAgentId),
            Column(documents, row => row.Progress),
            Column(documents, row => row.CreatedAt.ToUniversalTime()),
            Column(documents, row => row.UpdatedAt),
            Column(documents, row => row.EndedAt?.ToUniversalTime()),
            Column(tasks, row => row.After.LastPartial?.Portion),
            Column(tasks, row => row.After.LastPartial?.AtMs),
            Column(tasks, row => row.After.LastPartial?.Number),
            Column(tasks, row => (long?)row.After.LastPartial?.Before),
            Column(documents, row => StoredJson.Write(DocumentRules.Head(row))),
            Column(documents, StoredJson.InputOf),
            // Only the step that brought them carries them here: the read of a round leaves out what is large.
            Column(documents, StoredJson.OutputOf),
            Column(documents, row => row.ParentTaskId),
            Column(tasks, row => row.Before.Document?.Version ?? 0),
        ];
    }

    private static NpgsqlParameter[] Changes(NumberedChange[] changes) =>
    [
        Column(changes, row => row.Change.TaskId),
        Column(changes, row => row.Change.Version),
        Column(changes, row => row.Sequence),
        Column(changes, row => row.Change.At),
        Column(changes, row => StoredJson.Write(row.Change)),
    ];

    /// <summary>Whether a task that is known brings other metadata: a later version carries metadata only then.</summary>
    public static bool ReplacesLabels(TaskWork task) => task is { Before.Document: not null, After.Document.Metadata: not null };

    private static void AddLabels(NpgsqlBatch batch, TaskWork[] made, TaskWork[] moved)
    {
        TaskWork[] amended = [.. moved.Where(ReplacesLabels)];
        var labels = LabelsOf([.. made, .. amended]);
        _ = Add(batch, DeleteLabels, amended.Length, () => [Column(amended, task => task.TaskId)]);
        _ = Add(batch, InsertLabels, labels.Length, () => Labels(labels));
    }

    private static (string Label, string TaskId)[] LabelsOf(TaskWork[] tasks) =>
        [.. tasks.SelectMany(task => TaskLabels.Of(task.After.Document!.Metadata), (task, label) => (label, task.TaskId))];

    private static NpgsqlParameter[] Labels((string Label, string TaskId)[] labels) =>
        [Column(labels, row => row.Label), Column(labels, row => row.TaskId)];

    private static void AddHeld(NpgsqlBatch batch, IReadOnlyList<TaskWork> tasks, DateTimeOffset now)
    {
        Waiting[] before = [.. tasks.SelectMany(task => Held(task.TaskId, task.Before))];
        Waiting[] after = [.. tasks.SelectMany(task => Held(task.TaskId, task.After))];
        Waiting[] gone = [.. before.ExceptBy(after.Select(Waiting.KeyOf), Waiting.KeyOf)];
        Waiting[] added = [.. after.Except(before)];
        _ = Add(batch, DeleteHeld, gone.Length, () =>
        [
            Column(gone, row => row.TaskId), Column(gone, row => row.Kind), Column(gone, row => row.Number),
        ]);
        _ = Add(batch, InsertHeld, added.Length, () =>
        [
            Column(added, row => row.TaskId), Column(added, row => row.Kind), Column(added, row => row.Number),
            Column(added, _ => now), Column(added, row => StoredJson.Write(row.Message)),
        ]);
    }

    private static ImmutableArray<Waiting> Held(string taskId, TaskRecord record)
    {
        var held = ImmutableArray.CreateBuilder<Waiting>();
        held.AddRange(record.Early.Select(early => new Waiting(taskId, HeldRow.Transition, early.Key, early.Value)));
        if (record.EarlyStatus is { } status) { held.Add(new Waiting(taskId, HeldRow.Status, 0, status)); }
        held.AddRange(record.EarlyPartials.InOrder.Select(early => new Waiting(taskId, HeldRow.Partial, early.Key, early.Value)));
        return held.ToImmutable();
    }

    private static NpgsqlParameter<TValue[]> Column<TRow, TValue>(TRow[] rows, Converter<TRow, TValue> value) =>
        new() { TypedValue = Array.ConvertAll(rows, value) };

    // Two are the same when the very message is: one that replaces another must be written, however alike they are.
    private sealed record Waiting(string TaskId, string Kind, long Number, object Message)
    {
        public static (string TaskId, string Kind, long Number) KeyOf(Waiting row) =>
            (row.TaskId, row.Kind, row.Number);

        public bool Equals(Waiting? other) =>
            other is not null && KeyOf(this) == KeyOf(other) && ReferenceEquals(Message, other.Message);

        public override int GetHashCode() => KeyOf(this).GetHashCode();
    }
}
