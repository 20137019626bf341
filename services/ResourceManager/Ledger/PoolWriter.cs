using System.Collections.Concurrent;
using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// Writes what a round decided, as a handful of set-based statements. The agents' update repeats the ledger's rules on the rows as they
/// are in the database, so that it refuses what the code should never ask (reliability G6).
/// </summary>
internal static class PoolWriter
{
    private const string Schema = ResourceManagerDb.SchemaName;

    /// <summary>SQLSTATE: a round was decided on a pool that is no longer so; nothing was written.</summary>
    public const string WrongGuess = "A2A01";

    /// <summary>SQLSTATE: the rows are not what the round took them for; nothing was written.</summary>
    public const string Refused = "A2A02";

    private static readonly ConcurrentDictionary<string, string> CheckedTexts = new(StringComparer.Ordinal);

    private static readonly string UpsertAnnounced =
        $"""
        INSERT INTO {Schema}.agent (id, incarnation, state, task_types, capabilities, program_version, last_seen_at,
                                    {SqlQuantities.Columns("declared_")}, {SqlQuantities.Columns("cap_")}, labels, devices, takes_bulk)
        SELECT id, incarnation, 'online', string_to_array(task_types, ','), capabilities::jsonb, program_version, now(),
               {SqlQuantities.Columns("declared_")}, {SqlQuantities.Columns("declared_")},
               string_to_array(labels, ','), string_to_array(devices, ','), takes_bulk
        FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[],
                    $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::boolean[])
          AS said (id, incarnation, task_types, capabilities, program_version, {SqlQuantities.Columns("declared_")}, labels, devices, takes_bulk)
        ON CONFLICT (id) DO UPDATE SET task_types = excluded.task_types, capabilities = excluded.capabilities,
          program_version = excluded.program_version, labels = excluded.labels, devices = excluded.devices,
          takes_bulk = excluded.takes_bulk
        """;

    private static readonly string UpdateAgents =
        $"""
        UPDATE {Schema}.agent a SET
          incarnation = d.incarnation, state = d.state, departed = d.departed,
          last_seen_at = GREATEST(a.last_seen_at, d.last_seen_at), version = a.version + 1,
          cordon = d.cordon, cordon_reason = d.cordon_reason, cordon_since = d.cordon_since,
          earmark = d.earmark, conduct = d.conduct, quarantined_until = d.quarantined_until,
          {SqlQuantities.Each(", ", name => $"declared_{name} = d.declared_{name}, cap_{name} = d.cap_{name}, "
              + $"used_{name} = a.used_{name} + d.delta_{name}")}
        FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::boolean[], $6::timestamptz[],
                    $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
                    $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
                    $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[],
                    $22::text[], $23::text[], $24::timestamptz[], $25::text[], $26::text[], $27::timestamptz[])
          AS d (id, version, incarnation, state, departed, last_seen_at,
                {SqlQuantities.Columns("declared_")}, {SqlQuantities.Columns("cap_")},
                    {SqlQuantities.Columns("delta_")}, cordon, cordon_reason, cordon_since, earmark, conduct, quarantined_until)
        WHERE a.id = d.id AND a.version = d.version
          AND {SqlQuantities.Each(" AND ", name => $"a.used_{name} + d.delta_{name} BETWEEN 0 AND d.cap_{name} "
              + $"AND d.cap_{name} <= GREATEST(d.declared_{name}, a.cap_{name})")}
        """;

    private static readonly string UpdateReservations =
        $"""
        UPDATE {Schema}.reservation r SET released_at = d.released_at, release_reason = d.release_reason, gpu_ids = d.gpu_ids, yields_to = d.yields_to,
          {SqlQuantities.Each(", ", name => $"{name} = d.{name}")}
        FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
                    $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[],
                    $16::int[], $17::text[])
          AS d (task_id, attempt, agent_id, granted_at, released_at, release_reason, trace_parent,
              {SqlQuantities.Columns()}, task_type, gpu_ids, requester, yields, yields_to)
        WHERE r.task_id = d.task_id AND r.attempt = d.attempt
          AND coalesce(r.released_at, 'infinity') = 'infinity' /* still held; said so that the key's index is the one to use */
        """;

    private static readonly string InsertReservations =
        $"""
        INSERT INTO {Schema}.reservation (task_id, attempt, agent_id, granted_at, released_at, release_reason,
            trace_parent,
                                          {SqlQuantities.Columns()}, task_type, gpu_ids, requester, yields, yields_to)
        SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[],
            $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[],
            $16::int[], $17::text[])
        ON CONFLICT (task_id, attempt) DO NOTHING
        """;

    private static readonly string InsertEntries =
        $"""
        INSERT INTO {Schema}.ledger (task_id, attempt, agent_id, {SqlQuantities.Columns("delta_")},
          {SqlQuantities.Columns("used_after_")}, {SqlQuantities.Columns("cap_after_")}, gpu_ids, at)
        SELECT task_id, attempt, agent_id, {SqlQuantities.Columns("delta_")},
          {SqlQuantities.Columns("used_after_")}, {SqlQuantities.Columns("cap_after_")}, gpu_ids, now()
        FROM unnest($1::text[], $2::int[], $3::text[],
                    $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
                    $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[],
                    $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::text[]) WITH ORDINALITY
          AS d (task_id, attempt, agent_id, {SqlQuantities.Columns("delta_")},
                {SqlQuantities.Columns("used_after_")}, {SqlQuantities.Columns("cap_after_")}, gpu_ids, place)
        ORDER BY place
        """;

    private static readonly string DeleteClaims =
        $"""
        DELETE FROM {Schema}.claim c USING unnest($1::text[], $2::int[]) AS d (task_id, attempt)
        WHERE c.task_id = d.task_id AND c.attempt = d.attempt
        """;

    private static readonly string InsertClaims =
        $"""
        INSERT INTO {Schema}.claim (task_id, attempt, class, task_type, key_us, deadline_us, enqueued_us, pin,
            excluded, avoid,
                                    trace_parent, {SqlQuantities.Columns()}, told, placement, requester)
        SELECT * FROM unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
            $8::text[],
                             $9::text[], $10::text[], $11::text[],
                             $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
                             $17::text[], $18::text[], $19::text[])
        ON CONFLICT (task_id, attempt) DO NOTHING
        """;

    /// <summary>Begins a round that was decided on a remembered pool; what it answers is the database's clock.</summary>
    /// <exception cref="PostgresException">With <see cref="WrongGuess"/>, when executed: the pool is not as it was remembered.</exception>
    public static NpgsqlBatchCommand BeginGuessed(long version, IReadOnlyList<AttemptKey> taken)
    {
        var command = new NpgsqlBatchCommand($"SELECT {Schema}.begin_round($1, $2, $3, $4)");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = PoolReader.PoolLock });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
        Keys(command, taken);
        return command;
    }

    /// <summary>Counts a round that was decided on what it read; answers the database's clock too.</summary>
    public static NpgsqlBatchCommand Count() => new($"UPDATE {Schema}.pool SET version = version + 1 RETURNING now()");

    /// <summary>
    /// What is to be written. A statement that touches other rows than were decided on fails, and the round with it: <see cref="Refused"/>.
    /// </summary>
    public static IReadOnlyList<NpgsqlBatchCommand> Statements(PoolRead read, PoolChanges changes)
    {
        var statements = new List<NpgsqlBatchCommand>();
        void Add<T>(IReadOnlyCollection<T> rows, Func<IReadOnlyCollection<T>, NpgsqlBatchCommand> command)
        {
            if (rows.Count > 0) { statements.Add(Checked(command(rows), rows.Count)); }
        }

        var reservations = changes.Reservations.Select(attempt => read.Pool.Reservations[attempt]).ToLookup(
            reservation => read.Stored.Contains(reservation.Attempt));
        Add(changes.Announced.Values, Announced);
        Add([.. changes.Agents.Select(id => read.Pool.Agents[id])], agents => Agents(agents, read, changes));
        Add(changes.Reports.Values, AgentReport.Write);
        // The older attempt of a task ends before the newer one begins: at most one of them may be active at any
        // moment.
        Add([.. reservations[true]], rows => Reservations(UpdateReservations, rows));
        Add([.. reservations[false]], rows => Reservations(InsertReservations, rows));
        Add(DeviceWriter.Freed(changes.Entries), DeviceWriter.Delete);
        Add(DeviceWriter.Taken(changes.Entries), DeviceWriter.Insert);
        Add(changes.Entries, Entries);
        Add(RequesterUse.Changed(read.Pool, changes), RequesterUse.Write);
        Add(changes.Left, Left);
        Add(changes.Joined.Values, Joined);
        return statements;
    }

    private static NpgsqlBatchCommand Checked(NpgsqlBatchCommand command, int rows)
    {
        var at = command.Parameters.Count;
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = rows });
        command.CommandText = CheckedTexts.GetOrAdd(command.CommandText, sql =>
            $"WITH written AS ({sql} RETURNING 1) SELECT {Schema}.must_touch(count(*), ${at + 1}, '{Words(sql)}') FROM written");
        return command;
    }

    private static string Words(string sql) => string.Join(' ', sql.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries).Take(3));

    private static NpgsqlBatchCommand Announced(IReadOnlyCollection<Announcement> said)
    {
        var command = new NpgsqlBatchCommand(UpsertAnnounced);
        SqlQuantities.Add(command, said.Select(one => one.Id));
        SqlQuantities.Add(command, said.Select(one => one.Incarnation));
        SqlQuantities.Add(command, said.Select(one => string.Join(',', one.TaskTypes)));
        SqlQuantities.Add(command, said.Select(one => one.CapabilitiesJson));
        SqlQuantities.Add(command, said.Select(one => one.ProgramVersion));
        SqlQuantities.Add(command, [.. said.Select(one => one.Capacity)]);
        SqlQuantities.Add(command, said.Select(one => AgentRow.Print(one.Labels)));
        SqlQuantities.Add(command, said.Select(one => string.Join(',', one.Devices ?? [])));
        SqlQuantities.Add(command, said.Select(one => one.TakesBulk), NpgsqlDbType.Boolean);
        return command;
    }

    private static NpgsqlBatchCommand Agents(IReadOnlyCollection<PoolAgent> agents, PoolRead read, PoolChanges changes)
    {
        var deltas = changes.Entries.ToLookup(entry => entry.AgentId, entry => entry.Delta);
        var command = new NpgsqlBatchCommand(UpdateAgents);
        SqlQuantities.Add(command, agents.Select(agent => agent.Id));
        SqlQuantities.Add(command, agents.Select(agent => read.RowVersions.GetValueOrDefault(agent.Id)));
        SqlQuantities.Add(command, agents.Select(agent => agent.Facts.Incarnation));
        SqlQuantities.Add(command, agents.Select(agent => agent.Facts.Standing.Word()));
        SqlQuantities.Add(command, agents.Select(agent => agent.Facts.Departed), NpgsqlDbType.Boolean);
        SqlQuantities.Add(command, agents.Select(agent => agent.Facts.LastSeenAt), NpgsqlDbType.TimestampTz);
        SqlQuantities.Add(command, [.. agents.Select(agent => agent.Ledger.Declared)]);
        SqlQuantities.Add(command, [.. agents.Select(agent => agent.Ledger.Capacity)]);
        SqlQuantities.Add(command,
            [.. agents.Select(agent => deltas[agent.Id].Aggregate(Quantities.None, (sum, delta) => sum + delta))]);
        SqlQuantities.Add(command, agents.Select(agent => agent.Facts.Cordon is { } cordon ? cordon.Drains ? "drain" : "cordon" : null));
        SqlQuantities.Add(command, agents.Select(agent => agent.Facts.Cordon?.Reason));
        SqlQuantities.Add(command, agents.Select(agent => agent.Facts.Cordon?.Since), NpgsqlDbType.TimestampTz);
        SqlQuantities.Add(command, agents.Select(agent => AgentRow.Print(agent.Facts.Earmark)));
        SqlQuantities.Add(command, agents.Select(agent => AgentRow.Print(agent.Facts.Conduct)));
        SqlQuantities.Add(command, agents.Select(agent => agent.Facts.QuarantinedUntil), NpgsqlDbType.TimestampTz);
        return command;
    }

    private static NpgsqlBatchCommand Reservations(string sql, IReadOnlyCollection<Reservation> rows)
    {
        var command = new NpgsqlBatchCommand(sql);
        Keys(command, rows.Select(row => row.Attempt));
        SqlQuantities.Add(command, rows.Select(row => row.AgentId));
        SqlQuantities.Add(command, rows.Select(row => row.GrantedAt), NpgsqlDbType.TimestampTz);
        SqlQuantities.Add(command, rows.Select(row => row.ReleasedAt), NpgsqlDbType.TimestampTz);
        SqlQuantities.Add(command, rows.Select(row => row.ReleaseReason));
        SqlQuantities.Add(command, rows.Select(row => row.TraceParent));
        SqlQuantities.Add(command, [.. rows.Select(row => row.Held)]);
        SqlQuantities.Add(command, rows.Select(row => row.TaskType));
        SqlQuantities.Add(command, rows.Select(row => string.Join(',', row.GpuIds)));
        SqlQuantities.Add(command, rows.Select(row => row.Requester));
        SqlQuantities.Add(command, rows.Select(row => row.Yields), NpgsqlDbType.Integer);
        SqlQuantities.Add(command, rows.Select(row => row.YieldsTo));
        return command;
    }

    private static NpgsqlBatchCommand Entries(IReadOnlyCollection<LedgerEntry> entries)
    {
        var command = new NpgsqlBatchCommand(InsertEntries);
        Keys(command, entries.Select(entry => entry.Attempt));
        SqlQuantities.Add(command, entries.Select(entry => entry.AgentId));
        SqlQuantities.Add(command, [.. entries.Select(entry => entry.Delta)]);
        SqlQuantities.Add(command, [.. entries.Select(entry => entry.UsedAfter)]);
        SqlQuantities.Add(command, [.. entries.Select(entry => entry.CapacityAfter)]);
        SqlQuantities.Add(command, entries.Select(entry => string.Join(',', entry.Devices)));
        return command;
    }

    private static NpgsqlBatchCommand Left(IReadOnlyCollection<AttemptKey> left)
    {
        var command = new NpgsqlBatchCommand(DeleteClaims);
        Keys(command, left);
        return command;
    }

    private static NpgsqlBatchCommand Joined(IReadOnlyCollection<ResourceClaim> joined)
    {
        var command = new NpgsqlBatchCommand(InsertClaims);
        Keys(command, joined.Select(claim => claim.Attempt));
        SqlQuantities.Add(command, joined.Select(claim => claim.Class), NpgsqlDbType.Uuid);
        SqlQuantities.Add(command, joined.Select(claim => claim.TaskType));
        SqlQuantities.Add(command, joined.Select(claim => claim.Line.KeyUs));
        SqlQuantities.Add(command, joined.Select(claim => claim.Line.DeadlineUs));
        SqlQuantities.Add(command, joined.Select(claim => claim.Line.EnqueuedUs));
        SqlQuantities.Add(command, joined.Select(claim => claim.Pin));
        SqlQuantities.Add(command, joined.Select(claim => string.Join(',', claim.Excluded)));
        SqlQuantities.Add(command, joined.Select(claim => claim.Avoid));
        SqlQuantities.Add(command, joined.Select(claim => claim.TraceParent));
        SqlQuantities.Add(command, [.. joined.Select(claim => claim.Wanted)]);
        SqlQuantities.Add(command, joined.Select(claim => claim.Told));
        SqlQuantities.Add(command, joined.Select(claim =>
            claim.Placement.IsOpen ? null : JsonSerializer.Serialize(claim.Placement, WireJson.Options)));
        SqlQuantities.Add(command, joined.Select(claim => claim.Requester));
        return command;
    }

    private static void Keys(NpgsqlBatchCommand command, IEnumerable<AttemptKey> attempts)
    {
        var keys = attempts.ToList();
        SqlQuantities.Add(command, keys.Select(key => key.TaskId));
        SqlQuantities.Add(command, keys.Select(key => key.Attempt), NpgsqlDbType.Integer);
    }
}
