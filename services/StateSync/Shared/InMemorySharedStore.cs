using A2A.Micro.Contracts.States;
using A2A.Micro.StateSync.States;

namespace A2A.Micro.StateSync.Shared;

/// <summary>What agents share, inside the process.</summary>
public sealed class InMemorySharedStore(IStateQueries tasks, TimeProvider clock) : ISharedStore
{
    private readonly Dictionary<string, SortedDictionary<string, SharedRow>> _byTask = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <inheritdoc />
    public Task<StateUpdated> Update(UpdateState update, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(update);
        lock (_gate)
        {
            if (!_byTask.TryGetValue(update.TaskId, out var names)) { _byTask[update.TaskId] = names = new(StringComparer.Ordinal); }
            var (row, answer) = SharedRules.Decide(names.GetValueOrDefault(update.Name), names.Count, update, clock.GetUtcNow());
            if (row is not null) { names[update.Name] = row; }
            return Task.FromResult(answer);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<SharedState>> Read(string taskId, string? name, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<SharedState>>(
            [
                .. (_byTask.GetValueOrDefault(taskId)?.Values ?? Enumerable.Empty<SharedRow>())
                    .Select(row => row.State).Where(state => state.Value is not null && (name is null || state.Name == name)),
            ]);
        }
    }

    /// <inheritdoc />
    public async Task<int> DropOrphans(DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        string[] old;
        lock (_gate) { old = [.. _byTask.Where(task => task.Value.Values.All(row => row.State.UpdatedAt < before)).Select(task => task.Key).Take(limit)]; }
        var known = (await tasks.Find(old, cancellation).ConfigureAwait(false)).Select(task => task.TaskId).ToHashSet(StringComparer.Ordinal);
        lock (_gate) { return old.Count(task => !known.Contains(task) && _byTask.Remove(task)); }
    }
}
