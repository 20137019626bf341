using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Policy;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>What a round has read.</summary>
/// <param name="Pool">The part of the pool that the round is about.</param>
/// <param name="Now">The database's clock.</param>
/// <param name="RowVersions">Version of each agent's row.</param>
/// <param name="Stored">Attempts that have a row of their own among the reservations.</param>
/// <param name="Waiting">Claims in the whole line; counted only for a sweep.</param>
/// <param name="Cut">Classes of which more may wait than were read, although all that were read might be placed.</param>
internal sealed record PoolRead(
    Pool Pool,
    DateTimeOffset Now,
    IReadOnlyDictionary<string, long> RowVersions,
    IReadOnlySet<AttemptKey> Stored,
    long Waiting,
    IReadOnlyList<Guid> Cut);

/// <summary>
/// Reads what the operations of one round may touch: all agents, the attempts that are named, what is held on agents that may go, with a sweep
/// on all of them, and, if room may be freed, as many claims of each class as that room could take at most. Two round trips, the second only if needed.
/// </summary>
internal sealed class PoolReader(TimeSpan knownFor, int headMax, LineRules rules)
{
    private const string Schema = ResourceManagerDb.SchemaName;

    // The pool's lock: "A2A pool" in hexadecimal ASCII. Every round of every instance holds it until its commit.
    internal const long PoolLock = 0x41_32_41_20_70_6f_6f_6c;

    /// <summary>What <see cref="ReadReservation"/> reads.</summary>
    internal static readonly string ReservationColumns =
        $"task_id, attempt, agent_id, {SqlQuantities.Columns()}, granted_at, released_at, release_reason, trace_parent, "
        + "task_type, gpu_ids, requester, yields, yields_to";

    /// <summary>What <see cref="ReadClaim"/> reads.</summary>
    internal static readonly string ClaimColumns =
        $"task_id, attempt, task_type, key_us, deadline_us, enqueued_us, {SqlQuantities.Columns()}, "
        + "pin, excluded, avoid, trace_parent, class, told, placement, requester";

    private static readonly string SelectReservations =
        $"""
        SELECT {ReservationColumns} FROM {Schema}.reservation WHERE task_id = ANY($1)
        UNION
        SELECT {ReservationColumns} FROM {Schema}.reservation WHERE released_at IS NULL AND agent_id = ANY($2)
        UNION
        SELECT {ReservationColumns} FROM {Schema}.reservation WHERE released_at IS NULL AND $3 IS NOT NULL
        """;

    private static readonly string SelectClaims = $"SELECT {ClaimColumns} FROM {Schema}.claim WHERE task_id = ANY($1)";

    // Those for whom room is kept as well: they may stand behind others of their class.
    private static readonly string SelectClaimsAndOwners =
        $$"""
        {{SelectClaims}}
        UNION SELECT {{ClaimColumns}} FROM {{Schema}}.claim WHERE task_id IN (
          SELECT earmark::json #>> '{owner,attempt,task_id}' FROM {{Schema}}.agent WHERE earmark IS NOT NULL)
        """;

    // A loose index scan: one step per class, however many claims wait in it.
    internal static readonly string SelectHeads =
        $"""
        WITH RECURSIVE classes AS (
          (SELECT class FROM {Schema}.claim ORDER BY class LIMIT 1)
          UNION ALL
          SELECT (SELECT c.class FROM {Schema}.claim c WHERE c.class > classes.class ORDER BY c.class LIMIT 1)
          FROM classes WHERE classes.class IS NOT NULL)
        SELECT head.* FROM classes CROSS JOIN LATERAL (
          SELECT {ClaimColumns} FROM {Schema}.claim c WHERE c.class = classes.class
          ORDER BY key_us, deadline_us, enqueued_us, task_id, attempt LIMIT 1) head
        """;

    private static readonly string SelectMoreHeads =
        $"""
        SELECT head.* FROM unnest($1::uuid[], $2::bigint[]) AS wanted (class, most) CROSS JOIN LATERAL (
          SELECT {ClaimColumns} FROM {Schema}.claim c WHERE c.class = wanted.class
          ORDER BY key_us, deadline_us, enqueued_us, task_id, attempt LIMIT wanted.most) head
        """;

    /// <summary>Takes the pool's lock and reads.</summary>
    public async Task<PoolRead> Read(
        NpgsqlConnection connection, IReadOnlyList<PoolOperation> operations, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        var (mayFree, sweeps) = (operations.Any(MayFreeRoom), operations.Any(operation => operation is PoolOperation.Reap));
        FirstTrip(batch, operations, mayFree, sweeps);
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        _ = await reader.ReadAsync(cancellation).ConfigureAwait(false);
        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        _ = await reader.ReadAsync(cancellation).ConfigureAwait(false);
        var now = reader.GetFieldValue<DateTimeOffset>(0);
        var agents = await Rows(reader, AgentRow.Read, cancellation).ConfigureAwait(false);
        var use = await Rows(reader, RequesterUse.Read, cancellation).ConfigureAwait(false);
        var reservations = await Rows(reader, ReadReservation, cancellation).ConfigureAwait(false);
        var claims = await Rows(reader, ReadClaim, cancellation).ConfigureAwait(false);
        var heads = mayFree ? await Rows(reader, ReadClaim, cancellation).ConfigureAwait(false) : [];
        var waiting = sweeps ? (await Rows(reader, row => row.GetInt64(0), cancellation).ConfigureAwait(false))[0] : 0;
        await reader.DisposeAsync().ConfigureAwait(false);

        var pool = Assemble(agents, reservations);
        foreach (var (requester, used) in use) { pool.Load(requester, used); }
        var most = heads.ToDictionary(head => head.Class, head => MostThatFit(head, operations, pool));
        claims.AddRange(heads.Where(head => most[head.Class] == 1));
        claims.AddRange(await MoreHeads(connection, most, cancellation).ConfigureAwait(false));
        foreach (var claim in claims) { pool.Load(claim); }
        return new PoolRead(pool, now, agents.ToDictionary(agent => agent.Facts.Id, agent => agent.RowVersion),
            reservations.Select(reservation => reservation.Attempt).ToHashSet(), waiting,
                [.. most.Where(pair => pair.Value > headMax).Select(pair => pair.Key)]);
    }

    /// <summary>Takes the pool's lock and reads all of it that is held or waits; null when more than <paramref name="most"/> claims wait.</summary>
    public async Task<(PoolRead Read, long Version)?> ReadAll(NpgsqlConnection connection, int most, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(LockCommand());
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT now(), version FROM {Schema}.pool"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(AgentRow.Select));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(RequesterUse.Select(rules)));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT {ReservationColumns} FROM {Schema}.reservation WHERE released_at IS NULL"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT {ClaimColumns} FROM {Schema}.claim LIMIT $1")
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = most + 1 } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var (now, version) = (await Rows(reader, row => (row.GetFieldValue<DateTimeOffset>(0), row.GetInt64(1)), cancellation)
            .ConfigureAwait(false))[0];
        var agents = await Rows(reader, AgentRow.Read, cancellation).ConfigureAwait(false);
        var use = await Rows(reader, RequesterUse.Read, cancellation).ConfigureAwait(false);
        var reservations = await Rows(reader, ReadReservation, cancellation).ConfigureAwait(false);
        var claims = await Rows(reader, ReadClaim, cancellation).ConfigureAwait(false);
        if (claims.Count > most) { return null; }
        var pool = Assemble(agents, reservations);
        foreach (var (requester, used) in use) { pool.Load(requester, used); }
        foreach (var claim in claims) { pool.Load(claim); }
        return (new PoolRead(pool, now, agents.ToDictionary(agent => agent.Facts.Id, agent => agent.RowVersion),
            reservations.Select(reservation => reservation.Attempt).ToHashSet(), claims.Count, []), version);
    }

    private static NpgsqlBatchCommand ClaimsOf(string[] tasks, string select)
    {
        var command = new NpgsqlBatchCommand(select);
        SqlQuantities.Add(command, tasks);
        return command;
    }

    /// <summary>Reads the rows of the next result.</summary>
    internal static async Task<List<T>> Rows<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read,
        CancellationToken cancellation)
    {
        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { rows.Add(read(reader)); }
        return rows;
    }

    /// <summary>Reads a waiting claim.</summary>
    internal static ResourceClaim ReadClaim(NpgsqlDataReader row)
    {
        var attempt = new AttemptKey(row.GetString(0), row.GetInt32(1));
        return new ResourceClaim
        {
            Attempt = attempt,
            TaskType = row.GetString(2),
            Line = new LineKey(row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), attempt),
            Wanted = SqlQuantities.Read(row, 6),
            Pin = row.IsDBNull(11) ? null : row.GetString(11),
            Excluded = row.GetString(12).Split(',', StringSplitOptions.RemoveEmptyEntries),
            Avoid = row.IsDBNull(13) ? null : row.GetString(13),
            TraceParent = row.IsDBNull(14) ? null : row.GetString(14),
            Told = row.GetString(16),
            Placement = row.IsDBNull(17)
                ? PlacementRule.Anywhere
                : JsonSerializer.Deserialize<PlacementRule>(row.GetString(17), WireJson.Options)!,
            Requester = row.GetString(18),
        };
    }

    private static NpgsqlBatchCommand LockCommand() => new("SELECT pg_advisory_xact_lock($1)")
    {
        Parameters = { new NpgsqlParameter<long> { TypedValue = PoolLock } },
    };

    private void FirstTrip(NpgsqlBatch batch, IReadOnlyList<PoolOperation> operations, bool mayFree, bool sweeps)
    {
        string[] tasks = [.. operations.Select(TaskOf).OfType<string>().Distinct()];
        var losing = operations.Select(AgentThatMayLose).OfType<string>().Distinct();
        var lease = operations.OfType<PoolOperation.Reap>().Select(reap => (TimeSpan?)reap.Lease).Min();
        batch.BatchCommands.Add(LockCommand());
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT now()"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(AgentRow.Select));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(RequesterUse.Select(rules)));
        var reservations = new NpgsqlBatchCommand(SelectReservations);
        SqlQuantities.Add(reservations, tasks);
        SqlQuantities.Add(reservations, losing);
        _ = reservations.Parameters.Add(new NpgsqlParameter
        {
            Value = lease is { } span ? span : DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Interval,
        });
        batch.BatchCommands.Add(reservations);
        batch.BatchCommands.Add(ClaimsOf(tasks, mayFree ? SelectClaimsAndOwners : SelectClaims));
        if (mayFree) { batch.BatchCommands.Add(new NpgsqlBatchCommand(SelectHeads)); }
        if (sweeps) { batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT count(*) FROM {Schema}.claim")); }
    }

    private Pool Assemble(List<AgentRow> agents, List<Reservation> reservations)
    {
        var pool = new Pool(knownFor, rules);
        var holds = reservations.Where(reservation => reservation.Active).ToLookup(reservation => reservation.AgentId);
        foreach (var agent in agents) { pool.Load(agent.With(holds[agent.Facts.Id])); }

        foreach (var reservation in reservations) { pool.Load(reservation); }
        return pool;
    }

    // How many claims of a class this round could place if everything that may be freed were freed: an upper bound,
    // never less than the truth. Nobody behind that many can be reached, so nobody behind them is read.
    private static long MostThatFit(ResourceClaim head, IReadOnlyList<PoolOperation> operations, Pool pool)
    {
        var most = 0L;
        foreach (var agent in pool.Agents.Values)
        {
            // One that is cordoned may be uncordoned in this round, and a quarantine may end.
            if (agent.Facts.Standing is not (Standing.Online or Standing.Quarantined) || !agent.Fits(head)) { continue; }
            var room = agent.Ledger.Holds.Values.Aggregate(agent.Ledger.Free, (sum, held) => sum + held);
            most += head.Wanted.TimesIn(room);
        }

        foreach (var said in operations.OfType<PoolOperation.Announce>().Select(announce => announce.What))
        {
            if (AgentFit.Of(head, said) == Misfit.None) { most += head.Wanted.TimesIn(said.Capacity); }
        }

        return most;
    }

    private async Task<List<ResourceClaim>> MoreHeads(
        NpgsqlConnection connection, Dictionary<Guid, long> most, CancellationToken cancellation)
    {
        var wanted = most.Where(pair => pair.Value > 1).ToList();
        if (wanted.Count == 0) { return []; }
        await using var batch = new NpgsqlBatch(connection);
        var command = new NpgsqlBatchCommand(SelectMoreHeads);
        SqlQuantities.Add(command, wanted.Select(pair => pair.Key), NpgsqlDbType.Uuid);
        SqlQuantities.Add(command, wanted.Select(pair => Math.Min(pair.Value, headMax)));
        batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var heads = new List<ResourceClaim>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { heads.Add(ReadClaim(reader)); }
        return heads;
    }

    /// <summary>Reads a reservation.</summary>
    internal static Reservation ReadReservation(NpgsqlDataReader row) => new()
    {
        Attempt = new AttemptKey(row.GetString(0), row.GetInt32(1)),
        AgentId = row.IsDBNull(2) ? null : row.GetString(2),
        Held = SqlQuantities.Read(row, 3),
        GrantedAt = row.GetFieldValue<DateTimeOffset>(8),
        ReleasedAt = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9),
        ReleaseReason = row.IsDBNull(10) ? null : row.GetString(10),
        TraceParent = row.IsDBNull(11) ? null : row.GetString(11),
        TaskType = row.IsDBNull(12) ? null : row.GetString(12),
        GpuIds = row.GetString(13).Split(',', StringSplitOptions.RemoveEmptyEntries),
        Requester = row.GetString(14),
        Yields = row.IsDBNull(15) ? null : row.GetInt32(15),
        YieldsTo = row.IsDBNull(16) ? null : row.GetString(16),
    };

    private static string? TaskOf(PoolOperation operation) => operation switch
    {
        PoolOperation.ClaimRoom claim => claim.Wish.Attempt.TaskId,
        PoolOperation.ReleaseRoom release => release.Attempt.TaskId,
        PoolOperation.RevokeRoom revoke => revoke.Attempt.TaskId,
        _ => null,
    };

    private static string? AgentThatMayLose(PoolOperation operation) => operation switch
    {
        PoolOperation.Announce announce => announce.What.Id,
        PoolOperation.Leave leave => leave.AgentId,
        _ => null,
    };

    // A first attempt has nothing older that it could push aside; heartbeats and draining free nothing that can be used, and a
    // departure only somebody's quota.
    private bool MayFreeRoom(PoolOperation operation) => operation switch
    {
        PoolOperation.ClaimRoom claim => claim.Wish.Attempt.Attempt > 1,
        PoolOperation.ReleaseRoom or PoolOperation.RevokeRoom or PoolOperation.Announce or PoolOperation.Reap or PoolOperation.Steer => true,
        PoolOperation.Leave => rules.HaveLimits,
        _ => false,
    };
}
