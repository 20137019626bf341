using A2A.Micro.Persistence.Outbox;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>
/// Sagas in PostgreSQL. Loads and commits of all messages in flight share one round trip and one transaction: commits first, so that a load
/// of the same round sees them. A row that lost its race writes nothing and its message alone retries.
/// </summary>
public sealed class PostgresSagaStore<TSaga, TDb> : ISagaStore<TSaga>, IAsyncDisposable
    where TSaga : SagaRow, new()
    where TDb : ModuleDb
{
    private readonly NpgsqlDataSource _source;
    private readonly SagaTable<TSaga> _table;
    private readonly GroupCommit<IReadOnlyList<Operation>, IReadOnlyList<object>> _rounds;

    /// <summary>Derives the SQL from the model once.</summary>
    public PostgresSagaStore(NpgsqlDataSource source, IDbContextFactory<TDb> databases)
    {
        ArgumentNullException.ThrowIfNull(databases);
        _source = source;
        using (var db = databases.CreateDbContext()) { _table = new SagaTable<TSaga>(db); }
        _rounds = new GroupCommit<IReadOnlyList<Operation>, IReadOnlyList<object>>(
            Rounds, failsTogether: DatabaseOutage.Is,
            separate: parcel => [.. parcel.Where(operation => operation.Unit is not null).Select(operation => (object)operation.SagaId)]);
    }

    /// <inheritdoc />
    public async Task<Loaded<TSaga>> Load(Guid sagaId, Guid messageId, bool starts, CancellationToken cancellation) =>
        (Loaded<TSaga>)(await _rounds.Run([new Operation(sagaId, messageId, null)], cancellation).ConfigureAwait(false))[0];

    /// <inheritdoc />
    public async Task<IReadOnlyList<bool>> Commit(IReadOnlyList<UnitOfWork<TSaga>> units, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(units);
        var answers = await _rounds.Run(
            [.. units.Select(unit => new Operation(unit.Saga!.CorrelationId, unit.MessageId, unit))], cancellation).ConfigureAwait(false);
        return [.. answers.Cast<bool>()];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Outgoing>> Said(string text, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var batch = _source.CreateBatch();
        batch.BatchCommands.Add(_table.Said(text, from, to));
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var said = new List<Outgoing>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { said.AddRange(OutgoingJson.Read(reader.GetString(0))); }
        return said;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Due>> TakeDue(int limit, TimeSpan again, CancellationToken cancellation)
    {
        await using var batch = _source.CreateBatch();
        batch.BatchCommands.Add(_table.TakeDue(limit, again));
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var due = new List<Due>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            due.Add(new Due(reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1)));
        }

        return due;
    }

    /// <inheritdoc />
    public async Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation)
    {
        await using var batch = _source.CreateBatch();
        batch.BatchCommands.Add(_table.Purge(age, limit));
        batch.BatchCommands.Add(_table.PurgeExpired(limit));
        return await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _rounds.DisposeAsync();

    private async Task<IReadOnlyList<IReadOnlyList<object>>> Rounds(
        IReadOnlyList<IReadOnlyList<Operation>> parcels, CancellationToken cancellation)
    {
        var answers = await Round([.. parcels.SelectMany(parcel => parcel)], cancellation).ConfigureAwait(false);
        var next = 0;
        return [.. parcels.Select(parcel => { var first = next; next += parcel.Count; return (IReadOnlyList<object>)answers[first..next]; })];
    }

    private async Task<object[]> Round(IReadOnlyList<Operation> operations, CancellationToken cancellation)
    {
        // Locks are taken in the order of ids, so that two instances of a service cannot deadlock.
        var commits = operations.Where(operation => operation.Unit is not null)
            .OrderBy(operation => operation.SagaId).ToArray();
        var loads = operations.Where(operation => operation.Unit is null).ToArray();
        await using var batch = _source.CreateBatch();
        if (commits.Length > 0) { batch.BatchCommands.Add(_table.Commit([.. commits.Select(commit => commit.Unit!)])); }
        if (loads.Length > 0) { batch.BatchCommands.Add(_table.Load([.. loads.Select(load => (load.SagaId, load.MessageId))])); }

        var written = new HashSet<Guid>();
        var loaded = new Dictionary<Operation, Loaded<TSaga>>();
        await using (var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
        {
            if (commits.Length > 0)
            {
                while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { _ = written.Add(reader.GetGuid(0)); }
                _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
            }

            while (loads.Length > 0 && await reader.ReadAsync(cancellation).ConfigureAwait(false))
            {
                var (place, row) = _table.Read(reader);
                loaded[loads[place]] = row;
            }
        } // the implicit transaction has committed once the reader is closed

        return [.. operations.Select(operation =>
            operation.Unit is null ? (object)loaded[operation] : written.Contains(operation.SagaId))];
    }

    // A class, not a record: two loads of the same saga by the same message are still two.
    private sealed class Operation(Guid sagaId, Guid messageId, UnitOfWork<TSaga>? unit)
    {
        public Guid SagaId { get; } = sagaId;

        public Guid MessageId { get; } = messageId;

        public UnitOfWork<TSaga>? Unit { get; } = unit;
    }
}
