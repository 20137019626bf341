namespace A2A.Micro.StateSync.States;

/// <summary>
/// The records that this process committed last, at most <paramref name="capacity"/>: those of tasks that go on and for which nothing
/// waits. A record is handed out once; whoever took it commits it and puts it back, or the database is asked. What another process wrote
/// meanwhile shows as a version that no longer holds. For one round at a time.
/// </summary>
internal sealed class StateMemory(int capacity)
{
    private readonly Dictionary<string, LinkedListNode<(string TaskId, TaskRecord Record)>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<(string TaskId, TaskRecord Record)> _oldestFirst = [];

    /// <summary>Takes a record out; null when there is none.</summary>
    public TaskRecord? Take(string taskId)
    {
        if (!_entries.Remove(taskId, out var node)) { return null; }
        _oldestFirst.Remove(node);
        return node.Value.Record;
    }

    /// <summary>Keeps what was committed, without what is large, if more of the task may come.</summary>
    public void Keep(string taskId, TaskRecord record)
    {
        if (record is not { Document: { EndedAt: null } document, HoldsBack: false }) { return; }
        if (_entries.Remove(taskId, out var before)) { _oldestFirst.Remove(before); }
        _entries[taskId] = _oldestFirst.AddLast((taskId, record with { Document = DocumentRules.Head(document) }));
        if (_entries.Count <= capacity) { return; }
        _ = _entries.Remove(_oldestFirst.First!.Value.TaskId);
        _oldestFirst.RemoveFirst();
    }
}
