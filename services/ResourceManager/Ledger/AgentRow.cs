using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Policy;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>One agent as it lies in the database.</summary>
/// <param name="Facts">What is known about it.</param>
/// <param name="Declared">What it says it can hold.</param>
/// <param name="Used">What is held on it.</param>
/// <param name="RowVersion">Version of the row.</param>
/// <param name="Devices">Its GPUs by name.</param>
/// <param name="Taken">Those of them that are held.</param>
internal sealed record AgentRow(
    AgentFacts Facts, Quantities Declared, Quantities Used, long RowVersion, IReadOnlyList<string> Devices, IReadOnlyList<string> Taken)
{
    private const string Schema = ResourceManagerDb.SchemaName;

    /// <summary>What to select.</summary>
    public static string Select { get; } =
        $"""
        SELECT id, incarnation, state, departed, task_types, program_version, last_seen_at, version,
               {SqlQuantities.Columns("declared_")}, {SqlQuantities.Columns("used_")}, labels, devices,
               CASE WHEN used_gpus > 0 THEN ARRAY(SELECT device_id FROM {Schema}.device_hold d WHERE d.agent_id = agent.id)
                    ELSE ARRAY[]::text[] END,
               cordon, cordon_reason, cordon_since, earmark, conduct, quarantined_until, takes_bulk
        FROM {Schema}.agent
        """;

    /// <summary>Reads the current row.</summary>
    public static AgentRow Read(NpgsqlDataReader row) => new(
        new AgentFacts
        {
            Id = row.GetString(0),
            Incarnation = row.GetInt64(1),
            Standing = WireWord.Parse<Standing>(row.GetString(2)),
            Departed = row.GetBoolean(3),
            TaskTypes = row.GetFieldValue<string[]>(4),
            ProgramVersion = row.IsDBNull(5) ? null : row.GetString(5),
            LastSeenAt = row.GetFieldValue<DateTimeOffset>(6),
            Labels = LabelsOf(row.GetFieldValue<string[]>(18)),
            Cordon = row.IsDBNull(21) ? null : new AgentCordon
            {
                Drains = row.GetString(21) == "drain",
                Reason = row.IsDBNull(22) ? null : row.GetString(22),
                Since = row.GetFieldValue<DateTimeOffset>(23),
            },
            Earmark = Parse<Earmark>(row, 24),
            Conduct = Parse<AgentConduct>(row, 25),
            QuarantinedUntil = row.IsDBNull(26) ? null : row.GetFieldValue<DateTimeOffset>(26),
            TakesBulk = row.GetBoolean(27),
        },
        SqlQuantities.Read(row, 8), SqlQuantities.Read(row, 13), row.GetInt64(7), row.GetFieldValue<string[]>(19),
        row.GetFieldValue<string[]>(20));

    /// <summary>A part of an agent's facts as it is stored.</summary>
    public static string? Print<T>(T? part) where T : class => part is null ? null : JsonSerializer.Serialize(part, WireJson.Options);

    /// <summary>Labels as they are stored: <c>zone=eu</c>; neither half holds an equals sign.</summary>
    public static string Print(IReadOnlyDictionary<string, string>? labels) =>
        string.Join(',', (labels ?? AgentLabels.None).Select(label => $"{label.Key}={label.Value}"));

    /// <summary>The agent with those of its reservations that are known.</summary>
    public PoolAgent With(IEnumerable<Reservation> held)
    {
        var known = held.ToList();
        return new PoolAgent(Facts, new AgentLedger(Declared, Used,
            known.Select(hold => KeyValuePair.Create(hold.Attempt, hold.Held)), Devices, Taken,
            known.Where(hold => hold.GpuIds.Count > 0).Select(hold => KeyValuePair.Create(hold.Attempt, hold.GpuIds))));
    }

    private static T? Parse<T>(NpgsqlDataReader row, int at) where T : class =>
        row.IsDBNull(at) ? null : JsonSerializer.Deserialize<T>(row.GetString(at), WireJson.Options);

    private static IReadOnlyDictionary<string, string> LabelsOf(string[] stored) => stored.Length == 0
        ? AgentLabels.None
        : stored.Select(label => label.Split('=', 2)).ToDictionary(label => label[0], label => label[1], StringComparer.Ordinal);
}
