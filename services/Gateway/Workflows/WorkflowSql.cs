using A2A.Micro.Security;
using Npgsql;

namespace A2A.Micro.Gateway.Workflows;

/// <summary>The statements behind workflows in PostgreSQL.</summary>
internal static class WorkflowSql
{
    private const string InsertNew =
        """
        INSERT INTO gateway.workflow (workflow_id, body_hash, record, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (workflow_id) DO NOTHING
        """;

    private const string Select = "SELECT workflow_id, body_hash, record, created_at FROM gateway.workflow WHERE workflow_id = $1";

    private const string Newest =
        """
        SELECT workflow_id, body_hash, record, created_at FROM gateway.workflow WHERE gateway.is_of_tenant(workflow_id, $2)
        ORDER BY created_at DESC, workflow_id COLLATE "C" LIMIT $1
        """;

    private const string After =
        """
        SELECT workflow_id, body_hash, record, created_at FROM gateway.workflow
        WHERE gateway.is_of_tenant(workflow_id, $2) AND created_at <= $3 AND (created_at < $3 OR workflow_id COLLATE "C" > $4)
        ORDER BY created_at DESC, workflow_id COLLATE "C" LIMIT $1
        """;

    /// <summary>Keeps the workflow, within the transaction of its tasks.</summary>
    public static async Task Insert(NpgsqlConnection connection, WorkflowRow workflow, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(InsertNew, connection)
        {
            Parameters =
            {
                new() { Value = workflow.WorkflowId }, new() { Value = workflow.BodyHash },
                new() { Value = workflow.Record }, new() { Value = workflow.CreatedAt.UtcDateTime },
            },
        };
        _ = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Workflows, the newest first, after a place.</summary>
    public static async Task<IReadOnlyList<WorkflowRow>> List(
        NpgsqlDataSource database, string tenant, (DateTimeOffset CreatedAt, string WorkflowId)? after, int limit, CancellationToken cancellation)
    {
        var command = new NpgsqlBatchCommand(after is null ? Newest : After);
        _ = command.Parameters.AddWithValue(limit);
        _ = command.Parameters.AddWithValue(tenant);
        if (after is var (at, id))
        {
            _ = command.Parameters.AddWithValue(at.UtcDateTime);
            _ = command.Parameters.AddWithValue(id);
        }

        var rows = new List<WorkflowRow>();
        await using var batch = database.Behind(GatewayDb.SchemaName, command);
        await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { rows.Add(Row(reader)); }
        return rows;
    }

    /// <summary>The workflow; null when there is none of this id.</summary>
    public static async Task<WorkflowRow?> Find(NpgsqlDataSource database, string workflowId, CancellationToken cancellation)
    {
        await using var batch = database.Behind(
            GatewayDb.SchemaName, new NpgsqlBatchCommand(Select) { Parameters = { new NpgsqlParameter<string> { TypedValue = workflowId } } });
        await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
        return await reader.ReadAsync(cancellation).ConfigureAwait(false) ? Row(reader) : null;
    }

    private static WorkflowRow Row(NpgsqlDataReader reader) => new()
    {
        WorkflowId = reader.GetString(0),
        BodyHash = reader.GetFieldValue<byte[]>(1),
        Record = reader.GetString(2),
        CreatedAt = new DateTimeOffset(reader.GetDateTime(3)),
    };
}
