using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Events;

/// <summary>
/// What this process knows by hearsay about the ends of tasks, so that it need not ask StateSync: the documents of those that were completed
/// just now, which nothing changes any more, and which tasks were accepted here and have not been heard to end. Both are bounded and forget
/// the oldest; what is not known here is read.
/// </summary>
public sealed class Endings(TimeProvider clock)
{
    /// <summary>For how long a document is answered from here; afterwards retention may have deleted it.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    // An announced document has a few KiB.
    private const int DocumentsMax = 2048;

    private const int AwaitedMax = 32_768;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (TaskDocument Document, long HeardAt)> _completed = new(StringComparer.Ordinal);
    private readonly Queue<string> _completedOrder = new();
    private readonly HashSet<string> _awaited = new(StringComparer.Ordinal);
    private readonly Queue<string> _awaitedOrder = new();

    /// <summary>A task is about to be accepted here: whatever it does will be heard.</summary>
    public void Await(string taskId)
    {
        lock (_gate)
        {
            if (!_awaited.Add(taskId)) { return; }
            _awaitedOrder.Enqueue(taskId);
            while (_awaitedOrder.Count > AwaitedMax) { _ = _awaited.Remove(_awaitedOrder.Dequeue()); }
        }
    }

    /// <summary>It was not accepted, or it was long ago.</summary>
    public void Forget(string taskId)
    {
        lock (_gate) { _ = _awaited.Remove(taskId); }
    }

    /// <summary>Whether the task was accepted here and has not been heard to end. A notification may have been lost: look again after a while.</summary>
    public bool IsAwaited(string taskId)
    {
        lock (_gate) { return _awaited.Contains(taskId); }
    }

    /// <summary>Hears of a version; the document that came with it, if there was one that can be read.</summary>
    public TaskDocument? Hear(StateChanged changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        if (!changed.State.IsTerminal()) { return null; }
        var document = Read(changed.Document);
        lock (_gate)
        {
            _ = _awaited.Remove(changed.TaskId);
            if (document is { State: TaskState.Completed }) { Keep(document); }
        }

        return document;
    }

    /// <summary>The document of a task that was completed just now; null when it is not known here.</summary>
    public TaskDocument? Completed(string taskId)
    {
        lock (_gate)
        {
            return _completed.TryGetValue(taskId, out var known) && clock.GetElapsedTime(known.HeardAt) < Fresh ? known.Document : null;
        }
    }

    private void Keep(TaskDocument document)
    {
        if (!_completed.TryAdd(document.TaskId, (document, clock.GetTimestamp()))) { return; }
        _completedOrder.Enqueue(document.TaskId);
        while (_completedOrder.Count > DocumentsMax) { _ = _completed.Remove(_completedOrder.Dequeue()); }
    }

    private static TaskDocument? Read(string? text)
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize<TaskDocument>(text, WireJson.Options);
        }
        catch (JsonException)
        {
            return null; // it is read where it lies
        }
    }
}
