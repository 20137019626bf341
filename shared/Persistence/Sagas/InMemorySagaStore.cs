using System.Text;
using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>Sagas in memory, for Standalone and fast tests: the same guarantees within one process, and nothing after it.</summary>
public sealed class InMemorySagaStore<TSaga>(TimeProvider clock) : ISagaStore<TSaga> where TSaga : SagaRow
{
    // Enough to recognise the repeats that a transport inside the process can make.
    private const int RememberedMessages = 20_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, TSaga> _sagas = [];
    private readonly SortedSet<(DateTimeOffset At, Guid Id)> _due = [];
    private readonly Dictionary<Guid, IReadOnlyList<Outgoing>> _inbox = [];
    private readonly Queue<(Guid MessageId, DateTimeOffset At)> _inboxOrder = [];
    private readonly SortedSet<(DateTimeOffset At, Guid Id)> _ended = [];

    /// <inheritdoc />
    public Task<Loaded<TSaga>> Load(Guid sagaId, Guid messageId, bool starts, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult(new Loaded<TSaga>(
                _sagas.TryGetValue(sagaId, out var saga) ? (TSaga)saga.Copy() : null,
                _inbox.GetValueOrDefault(messageId)));
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<bool>> Commit(IReadOnlyList<UnitOfWork<TSaga>> units, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(units);
        return Task.FromResult<IReadOnlyList<bool>>([.. units.Select(Commit)]);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<Outgoing>> Said(string text, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<Outgoing>>(
            [
                .. _inboxOrder.Where(entry => entry.At >= from && entry.At <= to)
                    .SelectMany(entry => _inbox.GetValueOrDefault(entry.MessageId) ?? [])
                    .Where(outgoing => Encoding.UTF8.GetString(outgoing.Body.Span).Contains(text, StringComparison.Ordinal)),
            ]);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<Due>> TakeDue(int limit, TimeSpan again, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            var taken = _due.TakeWhile(entry => entry.At <= now).Take(limit).ToArray();
            foreach (var entry in taken)
            {
                _ = _due.Remove(entry);
                _ = _due.Add((now + again, entry.Id));
                _sagas[entry.Id].DueAt = now + again;
            }

            return Task.FromResult<IReadOnlyList<Due>>([.. taken.Select(entry => new Due(entry.Id, now))]);
        }
    }

    /// <inheritdoc />
    public Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var horizon = now - age;
        var purged = 0;
        lock (_gate)
        {
            foreach (var ended in _ended.TakeWhile(entry => entry.At < now).Take(limit).ToArray())
            {
                _ = _ended.Remove(ended);
                _ = _sagas.Remove(ended.Id);
                purged++;
            }

            for (var left = limit; left > 0 && _inboxOrder.TryPeek(out var oldest) && oldest.At < horizon; left--)
            {
                _ = _inboxOrder.Dequeue();
                _ = _inbox.Remove(oldest.MessageId);
                purged++;
            }
        }

        return Task.FromResult(purged);
    }

    private bool Commit(UnitOfWork<TSaga> unit)
    {
        var saga = (TSaga)unit.Saga!.Copy();
        saga.Settle();
        lock (_gate)
        {
            if (unit.MessageIds.Any(_inbox.ContainsKey)) { return false; }
            var stored = _sagas.GetValueOrDefault(saga.CorrelationId);
            if ((stored?.Version ?? 0) != saga.Version) { return false; }
            if (stored?.DueAt is { } before) { _ = _due.Remove((before, saga.CorrelationId)); }
            saga.Version++;
            _sagas[saga.CorrelationId] = saga;
            if (saga.DueAt is { } at) { _ = _due.Add((at, saga.CorrelationId)); }
            if (saga.ExpiresAt is { } end) { _ = _ended.Add((end, saga.CorrelationId)); }
            foreach (var each in unit.Earlier.Append(unit)) { Remember(each); }
            return true;
        }
    }

    private void Remember(UnitOfWork<TSaga> unit)
    {
        if (!_inbox.TryAdd(unit.MessageId, unit.Outgoing)) { return; }
        _inboxOrder.Enqueue((unit.MessageId, clock.GetUtcNow()));
        if (_inboxOrder.Count > RememberedMessages) { _ = _inbox.Remove(_inboxOrder.Dequeue().MessageId); }
    }
}
