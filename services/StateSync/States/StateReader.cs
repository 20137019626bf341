using System.Buffers.Binary;
using System.Collections.Immutable;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using Npgsql;

namespace A2A.Micro.StateSync.States;

/// <summary>The reads of a round.</summary>
internal static class StateReader
{
    // A row lock is not enough: two steps of a task that has no row yet would not see each other, and the later one
    // would be held back for ever.
    private const string LockTasks = "select pg_advisory_xact_lock(key) from unnest($1) as key";

    private const string ReadDocuments = $"""
        select task_id, document, partial_portion, partial_at_ms, coalesce(partial_number, 0), coalesce(partial_before, 0)
        from {StateSyncDb.SchemaName}.task_state where task_id = any($1)
        """;

    private const string ReadHeld = $"""
        select task_id, kind, number, body from {StateSyncDb.SchemaName}.held where task_id = any($1)
        """;

    private const string ReadAnnounced = $"""
        select wanted.task_id, wanted.sequence, made.version, made.at, made.change
        from unnest($1, $2) as wanted(task_id, sequence)
        join {StateSyncDb.SchemaName}.state_change as first
          on first.task_id = wanted.task_id and first.sequence = wanted.sequence
        join {StateSyncDb.SchemaName}.state_change as made
          on made.task_id = first.task_id and made.version >= first.version and made.at = first.at
        order by made.task_id, made.version
        """;

    /// <summary>Locks the tasks until the end of the transaction and reads what is known about each.</summary>
    public static async Task<Dictionary<string, TaskWork>> Lock(
        NpgsqlConnection connection, string[] taskIds, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(LockCommand(taskIds));
        batch.BatchCommands.Add(Command(ReadDocuments, new NpgsqlParameter<string[]> { TypedValue = taskIds }));
        batch.BatchCommands.Add(Command(ReadHeld, new NpgsqlParameter<string[]> { TypedValue = taskIds }));
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var records = taskIds.ToDictionary(id => id, _ => TaskRecord.Empty, StringComparer.Ordinal);
        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            records[reader.GetString(0)] = new TaskRecord
            {
                Document = StoredJson.Read<TaskDocument>(reader.GetString(1)),
                LastPartial = reader.IsDBNull(2)
                    ? null
                    : new PartialMark(reader.GetDouble(2), reader.GetInt64(3), reader.GetInt32(4), unchecked((ulong)reader.GetInt64(5))),
            };
        }

        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var taskId = reader.GetString(0);
            records[taskId] = With(records[taskId], reader.GetString(1), reader.GetInt64(2), reader.GetString(3));
        }

        return records.ToDictionary(
            pair => pair.Key, pair => new TaskWork(pair.Key, pair.Value), StringComparer.Ordinal);
    }

    /// <summary>Locks the tasks until the end of the transaction.</summary>
    public static NpgsqlBatchCommand LockCommand(IEnumerable<string> taskIds)
    {
        // In one order everywhere, so that no two rounds wait for each other.
        long[] keys = [.. taskIds.Select(LockKey).Order()];
        return Command(LockTasks, new NpgsqlParameter<long[]> { TypedValue = keys });
    }

    /// <summary>Every version that was committed together with the one that a sequence made.</summary>
    public static async Task<ILookup<(string TaskId, long Sequence), StateChanged>> Announced(
        NpgsqlConnection connection, IReadOnlyList<(string TaskId, long Sequence)> repeats,
        CancellationToken cancellation)
    {
        var found = new List<(string TaskId, long Sequence, StateChanged Changed)>();
        if (repeats.Count > 0)
        {
            await using var command = new NpgsqlCommand(ReadAnnounced, connection);
            string[] ids = [.. repeats.Select(repeat => repeat.TaskId)];
            long[] sequences = [.. repeats.Select(repeat => repeat.Sequence)];
            _ = command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
            _ = command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = sequences });
            await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
            {
                found.Add((reader.GetString(0), reader.GetInt64(1), new StateChanged
                {
                    TaskId = reader.GetString(0),
                    Version = reader.GetInt64(2),
                    Timestamp = reader.GetFieldValue<DateTimeOffset>(3),
                    State = StoredJson.Read<TaskChange>(reader.GetString(4)).State,
                }));
            }
        }

        return found.ToLookup(row => (row.TaskId, row.Sequence), row => row.Changed);
    }

    private static TaskRecord With(TaskRecord record, string kind, long number, string body) => kind switch
    {
        HeldRow.Transition => record with
        {
            Early = record.Early.SetItem(number, StoredJson.Read<TaskTransitioned>(body)),
        },
        HeldRow.Status => record with { EarlyStatus = StoredJson.Read<TaskStatusUpdate>(body) },
        HeldRow.Partial => record with { EarlyPartials = record.EarlyPartials.With(StoredJson.Read<TaskPartial>(body), number) },
        _ => record,
    };

    // A clash of two tasks only makes them wait for each other.
    private static long LockKey(string taskId)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = TaskKey.Of(taskId).TryWriteBytes(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) ^ BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    private static NpgsqlBatchCommand Command(string sql, NpgsqlParameter parameter) =>
        new(sql) { Parameters = { parameter } };
}
