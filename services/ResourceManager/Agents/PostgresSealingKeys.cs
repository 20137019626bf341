using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.ResourceManager.Agents;

/// <inheritdoc />
public sealed class PostgresSealingKeys(NpgsqlDataSource source) : ISealingKeys
{
    private const string Upsert = $"""
        INSERT INTO {ResourceManagerDb.SchemaName}.sealing_key AS known (agent_id, incarnation, sealing_key) VALUES ($1, $2, $3)
        ON CONFLICT (agent_id) DO UPDATE SET incarnation = excluded.incarnation, sealing_key = excluded.sealing_key
        WHERE known.incarnation < excluded.incarnation
        """;

    private const string Read = $"SELECT sealing_key FROM {ResourceManagerDb.SchemaName}.sealing_key WHERE agent_id = $1";

    /// <inheritdoc />
    public async Task Keep(string agentId, long incarnation, string? key, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(Upsert);
        _ = command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = agentId });
        _ = command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = incarnation });
        _ = command.Parameters.Add(new NpgsqlParameter { Value = (object?)key ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        _ = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<string?> Find(string agentId, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(Read);
        _ = command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = agentId });
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) as string;
    }
}
