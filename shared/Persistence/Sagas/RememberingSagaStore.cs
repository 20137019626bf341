using System.Collections.Concurrent;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>
/// Spares the read before most commits: the saga of the last commit is still here, and a message that starts a saga finds none. Both are
/// guesses that the commit checks, by the saga's version and the message's inbox row; a wrong one costs a retry that reads. It always reads:
/// a repeat whose saga others keep bringing back here would otherwise never learn what it did.
/// </summary>
public sealed class RememberingSagaStore<TSaga>(ISagaStore<TSaga> store) : ISagaStore<TSaga> where TSaga : SagaRow
{
    // A saga that may stay is a few KiB.
    private const int Capacity = 8192;

    private readonly SagaMemory<TSaga> _memory = new(Capacity);

    // Messages that had a commit refused, all copies of them; when they are too many, all are forgotten, which costs a retry each.
    private readonly ConcurrentDictionary<Guid, bool> _refused = new();

    /// <inheritdoc />
    public Task<Loaded<TSaga>> Load(Guid sagaId, Guid messageId, bool starts, CancellationToken cancellation)
    {
        if (_refused.ContainsKey(messageId)) { return store.Load(sagaId, messageId, starts, cancellation); }
        var saga = _memory.Take(sagaId, out var isDoubtful);
        return saga is not null || (starts && !isDoubtful)
            ? Task.FromResult(new Loaded<TSaga>(saga, null))
            : store.Load(sagaId, messageId, starts, cancellation);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<bool>> Commit(IReadOnlyList<UnitOfWork<TSaga>> units, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(units);
        IReadOnlyList<bool>? committed = null;
        try
        {
            return committed = await store.Commit(units, cancellation).ConfigureAwait(false);
        }
        finally
        {
            for (var i = 0; i < units.Count; i++)
            {
                // Also when it threw: then it may have been committed all the same.
                if (committed is null || !committed[i]) { Doubt(units[i]); }
                else if (units[i].Saga!.StaysInMemory) { Keep(units[i].Saga!); }
            }
        }
    }

    /// <inheritdoc />
    public void Spare(TSaga saga)
    {
        ArgumentNullException.ThrowIfNull(saga);
        if (!saga.StaysInMemory) { return; }
        var kept = (TSaga)saga.Copy();
        kept.Settle();
        _memory.Keep(kept);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<Outbox.Outgoing>> Said(string text, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        store.Said(text, from, to, cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<Due>> TakeDue(int limit, TimeSpan again, CancellationToken cancellation) =>
        store.TakeDue(limit, again, cancellation);

    /// <inheritdoc />
    public Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation) => store.Purge(age, limit, cancellation);

    private void Doubt(UnitOfWork<TSaga> unit)
    {
        if (_refused.Count >= Capacity) { _refused.Clear(); }
        foreach (var message in unit.MessageIds) { _refused[message] = true; }
        _memory.Doubt(unit.Saga!.CorrelationId);
    }

    private void Keep(TSaga saga)
    {
        var kept = (TSaga)saga.Copy();
        kept.Settle();
        kept.Version++;
        _memory.Keep(kept);
    }
}
