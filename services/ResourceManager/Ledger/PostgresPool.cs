using System.Data;
using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.ResourceManager.Agents;
using A2A.Micro.ResourceManager.Policy;
using A2A.Micro.ResourceManager.Views;
using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The pool in PostgreSQL. Everything that is asked at the same time is one round: one transaction under the pool's lock that reads what it
/// needs, lets the pure <see cref="Pool"/> decide each operation in order, writes with guarded set-based statements, stores what is to be
/// said in the outbox, and commits once. Any number of instances may do this.
/// </summary>
public sealed class PostgresPool : OperatedPool, IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly IOutbox<ResourceManagerDb> _outbox;
    private readonly TimeProvider _clock;
    private readonly PoolReader _reader;
    private readonly PostgresViews _views;
    private readonly PostgresTeller _teller;
    private readonly TimeSpan _knownFor;
    private readonly GroupCommit<PoolOperation, PoolAnswer> _rounds;

    /// <summary>Over the service's own database.</summary>
    public PostgresPool(
        NpgsqlDataSource source, IOutbox<ResourceManagerDb> outbox, IOptions<ResourceManagerOptions> options,
            TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_source, _outbox, _clock, _knownFor) = (source, outbox, clock, options.Value.KnownFor);
        var rules = LineRules.Of(options.Value);
        (_views, _teller) = (new PostgresViews(source, rules), new PostgresTeller(source, outbox, options.Value.KnownFor, rules, clock));
        _reader = new PoolReader(options.Value.KnownFor, options.Value.HeadMax, rules);
        _rounds = new GroupCommit<PoolOperation, PoolAnswer>(Rounds, options.Value.RoundMax, failsTogether: DatabaseOutage.Is);
    }

    /// <inheritdoc />
    public override async Task<IReadOnlyList<AgentView>> Agents(CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("SELECT 1"),
                new NpgsqlBatchCommand(AgentRow.Select + " ORDER BY id"),
                new NpgsqlBatchCommand(
                    $"SELECT agent_id, task_id, attempt FROM {ResourceManagerDb.SchemaName}.reservation "
                    + "WHERE released_at IS NULL"),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var agents = await PoolReader.Rows(reader, AgentRow.Read, cancellation).ConfigureAwait(false);
        var holds = (await PoolReader.Rows(reader,
                row => (Agent: row.GetString(0), Attempt: new AttemptKey(row.GetString(1), row.GetInt32(2))),
                    cancellation)
            .ConfigureAwait(false)).ToLookup(hold => hold.Agent, hold => hold.Attempt);
        return agents.ConvertAll(agent => View(agent.With([]), holds[agent.Facts.Id]));
    }

    /// <inheritdoc />
    public override async Task<IReadOnlyList<KnownAgent>> Announced(CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation).ConfigureAwait(false);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("SELECT 1"),
                new NpgsqlBatchCommand("SELECT now()"),
                new NpgsqlBatchCommand(AgentRow.Select),
                new NpgsqlBatchCommand($"SELECT id, capabilities FROM {ResourceManagerDb.SchemaName}.agent"),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var now = await PoolReader.Rows(reader, row => row.GetFieldValue<DateTimeOffset>(0), cancellation).ConfigureAwait(false);
        var agents = await PoolReader.Rows(reader, AgentRow.Read, cancellation).ConfigureAwait(false);
        var said = (await PoolReader.Rows(reader, row => (Id: row.GetString(0), Json: row.GetString(1)), cancellation).ConfigureAwait(false))
            .ToDictionary(one => one.Id, one => one.Json, StringComparer.Ordinal);
        return agents.ConvertAll(agent => Known(agent.With([]), said[agent.Facts.Id], now[0] - _knownFor));
    }

    /// <inheritdoc />
    public override Task<WaitSnapshot?> Look(string taskId, CancellationToken cancellation) => _views.Look(taskId, cancellation);

    /// <inheritdoc />
    public override Task<WaitSnapshot> Look(ResourceClaim claim, CancellationToken cancellation) => _views.Look(claim, cancellation);

    /// <inheritdoc />
    public override Task<PoolSnapshot> Look(CancellationToken cancellation) => _views.Look(cancellation);

    /// <inheritdoc />
    public override Task<LineSnapshot> Line(LineKey? after, int limit, CancellationToken cancellation) =>
        _views.Line(after, limit, cancellation);

    /// <inheritdoc />
    public override Task<int> TellReasons(int most, CancellationToken cancellation) => _teller.Tell(most, cancellation);

    /// <summary>Finishes what is queued.</summary>
    public ValueTask DisposeAsync() => _rounds.DisposeAsync();

    /// <inheritdoc />
    protected override Task<PoolAnswer> Run(PoolOperation operation, CancellationToken cancellation) =>
        _rounds.Run(operation, cancellation);

    private async Task<IReadOnlyList<PoolAnswer>> Rounds(
        IReadOnlyList<PoolOperation> operations, CancellationToken cancellation)
    {
        var (answers, more) = await Round(operations, cancellation).ConfigureAwait(false);
        while (more)
        {
            // There was room for more of the line than one round reads. A lease of no end reaps nobody and tries the
            // line.
            (_, more) = await Round([new PoolOperation.Reap(LongestLease)], cancellation).ConfigureAwait(false);
        }

        return answers;
    }

    private static readonly TimeSpan LongestLease = TimeSpan.FromDays(36_500);

    private async Task<(IReadOnlyList<PoolAnswer> Answers, bool More)> Round(
        IReadOnlyList<PoolOperation> operations, CancellationToken cancellation)
    {
        var started = _clock.GetTimestamp();
        await using var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var read = await _reader.Read(connection, operations, cancellation).ConfigureAwait(false);
        List<PoolAnswer> answers = [.. operations.Select(operation => read.Pool.Do(operation, read.Now))];
        var changes = read.Pool.TakeChanges();
        var messages = changes.Sayings.ConvertAll(said =>
            Outgoing.Command(Endpoints.Allocations, said.Message, _clock) with { TraceParent = said.TraceParent });
        if (!changes.None)
        {
            await Write(connection, PoolWriter.Statements(read, changes), messages, cancellation).ConfigureAwait(false);
        }

        Reach("pool.before-commit", operations);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        Reach("pool.after-commit", operations);
        foreach (var (type, took) in changes.Runs) { read.Pool.Scene.Rules.RunTimes.Add(type, took); }
        PoolMetrics.Round(_clock.GetElapsedTime(started));
        if (messages.Count > 0) { await _outbox.Committed(messages, cancellation).ConfigureAwait(false); }
        var waiting = read.Waiting + changes.Joined.Count - changes.Left.Count;
        var said = answers.ConvertAll(
            answer => answer is PoolAnswer.Reaped reaped ? reaped with { Waiting = waiting } : answer);
        return (said, read.Cut.Any(cut => !read.Pool.Line.HasAny(cut)));
    }

    private static void Reach(string place, IReadOnlyList<PoolOperation> operations)
    {
        if (!Failpoints.AreArmed) { return; }
        foreach (var operation in operations) { Failpoints.Hit(place, JsonNamingPolicy.SnakeCaseLower.ConvertName(operation.GetType().Name)); }
    }

    private async Task Write(
        NpgsqlConnection connection,
        IReadOnlyList<(NpgsqlBatchCommand Command, int Rows)> statements,
        List<Outgoing> messages,
        CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (command, _) in statements) { batch.BatchCommands.Add(command); }
        if (messages.Count > 0) { batch.BatchCommands.Add(_outbox.Insert(messages)); }
        try
        {
            _ = await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.CheckViolation or PostgresErrorCodes.UniqueViolation)
        {
            PoolMetrics.Violated();
            throw;
        }

        foreach (var (command, rows) in statements)
        {
            if (command.RecordsAffected == rows) { continue; }
            PoolMetrics.Violated();
            throw new InvalidOperationException(
                $"the database refused a round of the pool: {command.RecordsAffected} of {rows} rows of "
                + command.CommandText[..60]);
        }
    }
}
