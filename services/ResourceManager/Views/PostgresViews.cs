using System.Data;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using Npgsql;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>
/// Looks at the pool's tables without the pool's lock. Each look is one snapshot of the database: what it says fits together.
/// </summary>
internal sealed class PostgresViews(NpgsqlDataSource source, LineRules rules)
{
    private const string Schema = ResourceManagerDb.SchemaName;
    private const string LineOrder = "key_us, deadline_us, enqueued_us, task_id, attempt";

    /// <summary>Everything that is held.</summary>
    internal static readonly string SelectHeld = $"SELECT {PoolReader.ReservationColumns} FROM {Schema}.reservation WHERE released_at IS NULL";

    private static readonly string SelectClaim =
        $"SELECT {PoolReader.ClaimColumns} FROM {Schema}.claim WHERE task_id = $1 ORDER BY attempt DESC LIMIT 1";

    private static readonly string SelectAhead =
        $"SELECT {PoolReader.ClaimColumns} FROM {Schema}.claim WHERE ({LineOrder}) < ($1, $2, $3, $4, $5) ORDER BY {LineOrder} LIMIT $6";

    private static readonly string CountAhead =
        $"SELECT count(*) FILTER (WHERE ({LineOrder}) < ($1, $2, $3, $4, $5)), count(*) FROM {Schema}.claim";

    private static readonly string SelectPiece =
        $"SELECT {PoolReader.ClaimColumns} FROM {Schema}.claim WHERE ({LineOrder}) > ($1, $2, $3, $4, $5) ORDER BY {LineOrder} LIMIT $6";

    private static readonly string CountBefore =
        $"SELECT count(*) FILTER (WHERE ({LineOrder}) <= ($1, $2, $3, $4, $5)), count(*) FROM {Schema}.claim";

    private static readonly string SelectBehind =
        $"""
        SELECT DISTINCT ON (class) {PoolReader.ClaimColumns} FROM {Schema}.claim
        WHERE ({LineOrder}) > ($1, $2, $3, $4, $5) AND key_us < $1 + $6 ORDER BY class, {LineOrder}
        """;

    // Before everything that can stand in the line.
    private static readonly LineKey Front = new(long.MinValue, long.MinValue, long.MinValue, new AttemptKey("", 0));

    /// <summary>The claim of a task and what it waits behind.</summary>
    public async Task<WaitSnapshot?> Look(string taskId, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation).ConfigureAwait(false);
        return await Claim(connection, taskId, cancellation).ConfigureAwait(false) is { } claim
            ? await Look(connection, claim, cancellation).ConfigureAwait(false)
            : null;
    }

    /// <summary>What a claim would wait behind that nobody has made.</summary>
    public async Task<WaitSnapshot> Look(ResourceClaim claim, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation).ConfigureAwait(false);
        var seen = await Look(connection, claim, cancellation).ConfigureAwait(false);
        return seen with { Length = seen.Length + 1 };
    }

    private async Task<WaitSnapshot> Look(NpgsqlConnection connection, ResourceClaim claim, CancellationToken cancellation)
    {
        await using var batch = Pool(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SelectHeld));
        batch.BatchCommands.Add(At(SelectAhead, claim.Line, WaitSnapshot.AheadMax));
        batch.BatchCommands.Add(At(CountAhead, claim.Line));
        batch.BatchCommands.Add(At(SelectBehind, claim.Line, rules.FairShareWindow.Ticks / TimeSpan.TicksPerMicrosecond));
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var pool = await ReadPool(reader, cancellation).ConfigureAwait(false);
        var held = await PoolReader.Rows(reader, PoolReader.ReadReservation, cancellation).ConfigureAwait(false);
        var ahead = await PoolReader.Rows(reader, PoolReader.ReadClaim, cancellation).ConfigureAwait(false);
        var (before, length) = await Counts(reader, cancellation).ConfigureAwait(false);
        var behind = await PoolReader.Rows(reader, PoolReader.ReadClaim, cancellation).ConfigureAwait(false);
        return new WaitSnapshot(pool with { Held = held }, claim, ahead, before, length) { Behind = behind };
    }

    /// <summary>The pool.</summary>
    public async Task<PoolSnapshot> Look(CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation).ConfigureAwait(false);
        await using var batch = Pool(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SelectHeld));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(AgentReport.Select));
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return (await ReadPool(reader, cancellation).ConfigureAwait(false)) with
        {
            Held = await PoolReader.Rows(reader, PoolReader.ReadReservation, cancellation).ConfigureAwait(false),
            Reports = await PoolReader.Rows(reader, AgentReport.Read, cancellation).ConfigureAwait(false),
        };
    }

    /// <summary>A piece of the line.</summary>
    public async Task<LineSnapshot> Line(LineKey? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation).ConfigureAwait(false);
        await using var batch = Pool(connection);
        batch.BatchCommands.Add(At(SelectPiece, after ?? Front, limit));
        batch.BatchCommands.Add(At(CountBefore, after ?? Front));
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var pool = await ReadPool(reader, cancellation).ConfigureAwait(false);
        var claims = await PoolReader.Rows(reader, PoolReader.ReadClaim, cancellation).ConfigureAwait(false);
        var (before, length) = await Counts(reader, cancellation).ConfigureAwait(false);
        return new LineSnapshot(pool, claims, before, length);
    }

    /// <summary>An agent with its sums.</summary>
    public static PoolAgent Agent(AgentRow row) => row.With([]);

    private NpgsqlBatch Pool(NpgsqlConnection connection) => new(connection)
    {
        BatchCommands =
        {
            new NpgsqlBatchCommand("SELECT 1"), // Rows reads the result after the current one
            new NpgsqlBatchCommand("SELECT now()"),
            new NpgsqlBatchCommand(AgentRow.Select + " ORDER BY id"),
            new NpgsqlBatchCommand(RequesterUse.Select(rules)),
        },
    };

    private async Task<PoolSnapshot> ReadPool(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var now = await PoolReader.Rows(reader, row => row.GetFieldValue<DateTimeOffset>(0), cancellation).ConfigureAwait(false);
        var agents = await PoolReader.Rows(reader, AgentRow.Read, cancellation).ConfigureAwait(false);
        var use = await PoolReader.Rows(reader, RequesterUse.Read, cancellation).ConfigureAwait(false);
        return new PoolSnapshot(now[0], agents.ConvertAll(Agent), [])
        {
            Scene = new LineScene(rules, use.ToDictionary(one => one.Requester, one => one.Used, StringComparer.Ordinal)),
        };
    }

    private static async Task<(int Before, int Length)> Counts(NpgsqlDataReader reader, CancellationToken cancellation) =>
        (await PoolReader.Rows(reader, row => ((int)row.GetInt64(0), (int)row.GetInt64(1)), cancellation).ConfigureAwait(false))[0];

    private static async Task<ResourceClaim?> Claim(NpgsqlConnection connection, string taskId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(SelectClaim, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = taskId } } };
        await using var row = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await row.ReadAsync(cancellation).ConfigureAwait(false) ? PoolReader.ReadClaim(row) : null;
    }

    private static NpgsqlBatchCommand At(string sql, LineKey place, long? limit = null)
    {
        var command = new NpgsqlBatchCommand(sql)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = place.KeyUs },
                new NpgsqlParameter<long> { TypedValue = place.DeadlineUs },
                new NpgsqlParameter<long> { TypedValue = place.EnqueuedUs },
                new NpgsqlParameter<string> { TypedValue = place.Attempt.TaskId },
                new NpgsqlParameter<int> { TypedValue = place.Attempt.Attempt },
            },
        };
        if (limit is { } most) { command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = most }); }
        return command;
    }
}
