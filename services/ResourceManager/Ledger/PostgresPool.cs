using System.Data;
using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
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
/// The pool in PostgreSQL. Everything that is asked at the same time is one round: the pure <see cref="Pool"/> decides each operation in
/// order, and one transaction under the pool's lock writes it with guarded set-based statements and stores what is to be said in the outbox.
/// An instance that works alone remembers the pool as its last round left it, and the database checks that it was the last; otherwise a
/// round reads what it needs first. Any number of instances may do this.
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
    private readonly LineRules _rules;
    private readonly GroupCommit<PoolOperation, PoolAnswer> _rounds;

    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(2);

    private readonly int _rememberMax;

    // One round at a time touches these.
    private HeldPool? _held;
    private DateTimeOffset _readAgainAt;
    private bool _taught;

    /// <summary>Over the service's own database.</summary>
    public PostgresPool(
        NpgsqlDataSource source, IOutbox<ResourceManagerDb> outbox, IOptions<ResourceManagerOptions> options,
            TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_source, _outbox, _clock, _knownFor, _rememberMax) = (source, outbox, clock, options.Value.KnownFor, options.Value.RememberMax);
        _rules = LineRules.Of(options.Value);
        (_views, _teller) = (new PostgresViews(source, _rules), new PostgresTeller(source, outbox, options.Value.KnownFor, _rules, clock));
        _reader = new PoolReader(options.Value.KnownFor, options.Value.HeadMax, _rules);
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
                new NpgsqlBatchCommand(PostgresViews.SelectHeld),
                EndedAttempt.Latest(),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var agents = await PoolReader.Rows(reader, AgentRow.Read, cancellation).ConfigureAwait(false);
        var holds = (await PoolReader.Rows(reader, PoolReader.ReadReservation, cancellation).ConfigureAwait(false)).ToLookup(hold => hold.AgentId);
        var records = EndedAttempt.Records(await PoolReader.Rows(reader, EndedAttempt.Read, cancellation).ConfigureAwait(false));
        return agents.ConvertAll(agent => View(agent.With([]), [.. holds[agent.Facts.Id]], records.GetValueOrDefault(agent.Facts.Id)));
    }

    /// <inheritdoc />
    public override Task<DenialHistory> Denials(int hours, CancellationToken cancellation) =>
        Denial.Since(_source, _clock.GetUtcNow(), hours, cancellation);

    /// <inheritdoc />
    protected override Task Note(SubmissionsRefused refused, CancellationToken cancellation) => Denial.Note(_source, refused, cancellation);

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
        if (!_taught) { await Learn(cancellation).ConfigureAwait(false); }
        var started = _clock.GetTimestamp();
        var round = await Remembered(operations, cancellation).ConfigureAwait(false)
            ?? await Looked(operations, cancellation).ConfigureAwait(false);
        PoolMetrics.Round(_clock.GetElapsedTime(started));
        foreach (var (type, took) in round.Changes.Runs) { round.Read.Pool.Scene.Rules.RunTimes.Add(type, took); }
        if (round.Messages.Count > 0) { await _outbox.Committed(round.Messages, cancellation).ConfigureAwait(false); }
        var waiting = round.Read.Waiting + round.Changes.Joined.Count - round.Changes.Left.Count;
        List<PoolAnswer> said =
            [.. round.Answers.Select(answer => answer is PoolAnswer.Reaped reaped ? reaped with { Waiting = waiting } : answer)];
        return (said, round.Read.Cut.Any(cut => !round.Read.Pool.Line.HasAny(cut)));
    }

    private async Task Learn(CancellationToken cancellation)
    {
        await EndedAttempt.Teach(_rules.RunTimes, _source, cancellation).ConfigureAwait(false);
        _taught = true;
    }

    // A round on the pool as it is remembered: one round trip. Null when it is not, or not rightly; then nothing was written.
    private async Task<DoneRound?> Remembered(IReadOnlyList<PoolOperation> operations, CancellationToken cancellation)
    {
        if (await Held(cancellation).ConfigureAwait(false) is not { } held || !held.Knows(operations)) { return null; }
        // Only a round that was committed leaves a pool that may be gone on from.
        _held = null;
        var own = _clock.GetUtcNow();
        await using var batch = _source.CreateBatch();
        batch.BatchCommands.Add(PoolWriter.BeginGuessed(held.Version, held.New(operations)));
        var round = Decide(operations, held.Read(own));
        Add(batch, round);
        Reach("pool.before-commit", operations);
        try
        {
            held.Written(round.Changes, await Execute(batch, cancellation).ConfigureAwait(false), own);
        }
        catch (PostgresException e) when (e.SqlState == PoolWriter.WrongGuess)
        {
            return null;
        }

        Reach("pool.after-commit", operations);
        if (held.Pool.Line.Count <= _rememberMax) { _held = held; }
        return round;
    }

    // A round on what it reads of the pool.
    private async Task<DoneRound> Looked(IReadOnlyList<PoolOperation> operations, CancellationToken cancellation)
    {
        _held = null;
        await using var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var round = Decide(operations, await _reader.Read(connection, operations, cancellation).ConfigureAwait(false));
        if (!round.Changes.None)
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(PoolWriter.Count());
            Add(batch, round);
            _ = await Execute(batch, cancellation).ConfigureAwait(false);
        }

        Reach("pool.before-commit", operations);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        Reach("pool.after-commit", operations);
        return round;
    }

    // Where several instances share the work each would read it all after every round of another: that is done seldom.
    private async Task<HeldPool?> Held(CancellationToken cancellation)
    {
        if (_held is not null || _rememberMax == 0 || _clock.GetUtcNow() < _readAgainAt) { return _held; }
        await using var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        // Before the database says its own time, as in every round: what takes long must not set the next round back.
        var own = _clock.GetUtcNow();
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var all = await _reader.ReadAll(connection, _rememberMax, cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        _readAgainAt = own + ReadAgain;
        return _held = all is var (read, version) ? new HeldPool(read, version, own) : null;
    }

    private DoneRound Decide(IReadOnlyList<PoolOperation> operations, PoolRead read)
    {
        List<PoolAnswer> answers = [.. operations.Select(operation => read.Pool.Do(operation, read.Now))];
        var changes = read.Pool.TakeChanges();
        return new DoneRound(read, answers, changes, changes.Sayings.ConvertAll(said =>
            Outgoing.Command(said.To, said.Message, _clock) with { TraceParent = said.TraceParent }));
    }

    private void Add(NpgsqlBatch batch, DoneRound round)
    {
        foreach (var command in PoolWriter.Statements(round.Read, round.Changes)) { batch.BatchCommands.Add(command); }
        if (round.Messages.Count > 0) { batch.BatchCommands.Add(_outbox.Insert(round.Messages)); }
    }

    // What the first command answers, the database's clock; all the others have been carried out.
    private static async Task<DateTimeOffset> Execute(NpgsqlBatch batch, CancellationToken cancellation)
    {
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            _ = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            var now = reader.GetFieldValue<DateTimeOffset>(0);
            while (await reader.NextResultAsync(cancellation).ConfigureAwait(false)) { }
            return now;
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.CheckViolation or PostgresErrorCodes.UniqueViolation or PoolWriter.Refused)
        {
            PoolMetrics.Violated();
            throw;
        }
    }

    private static void Reach(string place, IReadOnlyList<PoolOperation> operations)
    {
        if (!Failpoints.AreArmed) { return; }
        foreach (var operation in operations) { Failpoints.Hit(place, JsonNamingPolicy.SnakeCaseLower.ConvertName(operation.GetType().Name)); }
    }

    private sealed record DoneRound(PoolRead Read, IReadOnlyList<PoolAnswer> Answers, PoolChanges Changes, List<Outgoing> Messages);
}
