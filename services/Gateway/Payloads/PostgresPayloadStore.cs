using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security;
using Npgsql;

namespace A2A.Micro.Gateway.Payloads;

/// <summary>Payloads in PostgreSQL, a row for each part.</summary>
public sealed class PostgresPayloadStore(NpgsqlDataSource database) : IPayloadStore
{
    private const string Begin = """
        INSERT INTO gateway.payload (payload_id, tenant, task_ids, bytes, sha256, parts, look_at)
        VALUES ($1, $2, ARRAY[$3], $4, $5, $6, now() + $7)
        ON CONFLICT (payload_id) DO NOTHING
        """;

    // Only into the payload that was begun, as it was said.
    private const string Add = """
        INSERT INTO gateway.payload_part (payload_id, number, data)
        SELECT payload_id, $5, $6 FROM gateway.payload WHERE payload_id = $1 AND tenant = $2 AND bytes = $3 AND sha256 = $4 AND $5 <= parts
        ON CONFLICT (payload_id, number) DO NOTHING
        """;

    private const string Check = "SELECT 1 FROM gateway.payload WHERE payload_id = $1 AND tenant = $2 AND bytes = $3 AND sha256 = $4";

    private const string Keep = """
        UPDATE gateway.payload SET task_ids = task_ids || $2
        WHERE payload_id = $1 AND tenant = $3 AND NOT task_ids @> ARRAY[$2] AND cardinality(task_ids) < $4
        """;

    private const string ReadPart = """
        SELECT part.data FROM gateway.payload_part AS part JOIN gateway.payload AS whole USING (payload_id)
        WHERE part.payload_id = $1 AND part.number = $2 AND whole.tenant = $3
        """;

    private const string ReadParts = "SELECT data FROM gateway.payload_part WHERE payload_id = $1 ORDER BY number";

    private const string Take = """
        UPDATE gateway.payload SET look_at = now() + $2
        WHERE payload_id IN (SELECT payload_id FROM gateway.payload WHERE look_at <= now() ORDER BY look_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING payload_id, tenant, task_ids
        """;

    private const string DeleteMany = "DELETE FROM gateway.payload WHERE payload_id = ANY ($1)";

    /// <summary>Stores whole payloads with the submissions that they belong to, in their transaction.</summary>
    internal static async Task Insert(
        NpgsqlConnection connection, IEnumerable<(PackedPayload Payload, string TaskId)> payloads, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (payload, taskId) in payloads)
        {
            var parts = payload.Parts.Select((data, i) => new PayloadPart(payload.Reference, taskId, i + 1, data)).ToList();
            batch.BatchCommands.Add(Beginning(parts[0]));
            foreach (var part in parts) { batch.BatchCommands.Add(Adding(part)); }
        }

        if (batch.BatchCommands.Count > 0) { _ = await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false); }
    }

    /// <inheritdoc />
    public async Task<bool> Put(PayloadPart part, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(part);
        await using var batch = database.CreateBatch();
        if (part.Number == 1) { batch.BatchCommands.Add(Beginning(part)); }
        batch.BatchCommands.Add(Adding(part));
        batch.BatchCommands.Add(Command(Check, part.Reference.PayloadId, TenantNames.TenantOf(part.TaskId), part.Reference.Bytes, part.Reference.Sha256));
        return await batch.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is not null;
    }

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>?> Part(Guid payloadId, string taskId, int number, CancellationToken cancellation)
    {
        var tenant = TenantNames.TenantOf(taskId);
        await using var batch = database.CreateBatch();
        if (number == 1) { batch.BatchCommands.Add(Command(Keep, payloadId, taskId, tenant, IPayloadStore.TasksMax)); }
        batch.BatchCommands.Add(Command(ReadPart, payloadId, number, tenant));
        if (await batch.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is byte[] data) { return data; }
        return null;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> Parts(Guid payloadId, CancellationToken cancellation)
    {
        await using var batch = database.Behind(GatewayDb.SchemaName, Command(ReadParts, payloadId));
        await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
        var parts = new List<ReadOnlyMemory<byte>>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { parts.Add(reader.GetFieldValue<byte[]>(0)); }
        return parts;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<OldPayload>> TakeOld(int limit, TimeSpan next, CancellationToken cancellation)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(Command(Take, limit, next));
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var old = new List<OldPayload>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            old.Add(new OldPayload(reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<string[]>(2)));
        }

        return old;
    }

    /// <inheritdoc />
    public async Task Delete(IReadOnlyList<Guid> payloadIds, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(payloadIds);
        if (payloadIds.Count == 0) { return; }
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(Command(DeleteMany, (object)payloadIds.ToArray()));
        _ = await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static NpgsqlBatchCommand Beginning(PayloadPart part) => Command(Begin, part.Reference.PayloadId, TenantNames.TenantOf(part.TaskId), part.TaskId,
        part.Reference.Bytes, part.Reference.Sha256, part.Reference.Parts, PayloadDuty.First);

    private static NpgsqlBatchCommand Adding(PayloadPart part) => Command(Add, part.Reference.PayloadId, TenantNames.TenantOf(part.TaskId),
        part.Reference.Bytes, part.Reference.Sha256, part.Number, part.Data.ToArray());

    private static NpgsqlBatchCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) { _ = command.Parameters.Add(new NpgsqlParameter { Value = value }); }
        return command;
    }
}
