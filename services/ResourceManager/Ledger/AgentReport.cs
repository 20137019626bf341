using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>What an agent said last that it works on. It is written with the heartbeat, so that every instance goes by the same words.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="Incarnation">Which start of its process spoke.</param>
/// <param name="At">When, by the store's clock.</param>
/// <param name="Running">The attempts.</param>
public sealed record AgentReport(string AgentId, long Incarnation, DateTimeOffset At, IReadOnlySet<AttemptKey> Running)
{
    private const string Schema = ResourceManagerDb.SchemaName;

    private const string Upsert =
        $"""
        INSERT INTO {Schema}.agent_report AS r (agent_id, incarnation, at, running)
        SELECT agent_id, incarnation, now(), running::json FROM unnest($1::text[], $2::bigint[], $3::text[]) AS said (agent_id, incarnation, running)
        ON CONFLICT (agent_id) DO UPDATE SET incarnation = excluded.incarnation, at = excluded.at, running = excluded.running
        """;

    /// <summary>All of them.</summary>
    internal const string Select = $"SELECT agent_id, incarnation, at, running::text FROM {Schema}.agent_report";

    /// <summary>Reads the current row.</summary>
    internal static AgentReport Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2),
        JsonSerializer.Deserialize<HashSet<AttemptKey>>(row.GetString(3), WireJson.Options)!);

    /// <summary>Writes them, with the database's own time: words that several instances heard are compared.</summary>
    internal static NpgsqlBatchCommand Write(IReadOnlyCollection<AgentReport> said)
    {
        var command = new NpgsqlBatchCommand(Upsert);
        SqlQuantities.Add(command, said.Select(one => one.AgentId));
        SqlQuantities.Add(command, said.Select(one => one.Incarnation));
        SqlQuantities.Add(command, said.Select(one => JsonSerializer.Serialize(one.Running, WireJson.Options)));
        return command;
    }
}
