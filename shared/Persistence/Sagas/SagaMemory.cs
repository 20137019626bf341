namespace A2A.Micro.Persistence.Sagas;

/// <summary>
/// The sagas that this process committed last, at most <paramref name="capacity"/>. A saga is handed out once: whoever took it either
/// commits it and puts it back, or it is gone and the database is asked. So nobody ever sees another's unfinished changes, and what
/// another process wrote meanwhile shows as a version that no longer holds.
/// </summary>
internal sealed class SagaMemory<TSaga>(int capacity) where TSaga : SagaRow
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _oldestFirst = [];

    /// <summary>Takes the saga out. Without one, <paramref name="isDoubtful"/> says that a commit of it failed since.</summary>
    public TSaga? Take(Guid sagaId, out bool isDoubtful)
    {
        lock (_gate)
        {
            isDoubtful = false;
            if (!_entries.Remove(sagaId, out var node)) { return null; }
            _oldestFirst.Remove(node);
            isDoubtful = node.Value.Saga is null;
            return node.Value.Saga;
        }
    }

    /// <summary>Puts back what was committed.</summary>
    public void Keep(TSaga saga) => Put(saga.CorrelationId, saga);

    /// <summary>Notes that a commit of it was refused: only the database knows what is true.</summary>
    public void Doubt(Guid sagaId) => Put(sagaId, null);

    private void Put(Guid sagaId, TSaga? saga)
    {
        lock (_gate)
        {
            if (_entries.Remove(sagaId, out var before)) { _oldestFirst.Remove(before); }
            _entries[sagaId] = _oldestFirst.AddLast(new Entry(sagaId, saga));
            if (_entries.Count <= capacity) { return; }
            _ = _entries.Remove(_oldestFirst.First!.Value.SagaId);
            _oldestFirst.RemoveFirst();
        }
    }

    private sealed record Entry(Guid SagaId, TSaga? Saga);
}
