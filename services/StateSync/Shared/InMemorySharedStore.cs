using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.StateSync.States;

namespace A2A.Micro.StateSync.Shared;

/// <summary>What agents share, inside the process.</summary>
public sealed class InMemorySharedStore(IStateQueries tasks, TimeProvider clock) : ISharedStore
{
    private readonly Dictionary<string, SortedDictionary<string, SharedRow>> _byTask = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <inheritdoc />
    public async Task<StateUpdated> Update(UpdateState update, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(update);
        if (await Stranger(update.TaskId, update.AgentId, update.WorkingOn, cancellation).ConfigureAwait(false) is { } no)
        {
            return SharedRules.Refuse(update, no);
        }

        lock (_gate)
        {
            if (!_byTask.TryGetValue(update.TaskId, out var names)) { _byTask[update.TaskId] = names = new(StringComparer.Ordinal); }
            var (row, answer) = SharedRules.Decide(names.GetValueOrDefault(update.Name), names.Count, update, clock.GetUtcNow());
            if (row is not null) { names[update.Name] = row; }
            return answer;
        }
    }

    /// <inheritdoc />
    public async Task<StateRead> Read(ReadState question, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(question);
        var no = await Stranger(question.TaskId, question.AgentId, question.WorkingOn, cancellation).ConfigureAwait(false);
        if (no is not null) { return new StateRead { States = [], Error = no }; }
        lock (_gate)
        {
            return new StateRead
            {
                States =
                [
                    .. (_byTask.GetValueOrDefault(question.TaskId)?.Values ?? Enumerable.Empty<SharedRow>()).Select(row => row.State)
                        .Where(state => state.Value is not null && (question.Name is null || state.Name == question.Name)),
                ],
            };
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

    private async Task<TaskError?> Stranger(string taskId, string? agentId, string? workingOn, CancellationToken cancellation) =>
        SharedRules.Warrant(taskId, agentId, workingOn) is { } work
            ? SharedRules.Stranger(taskId, agentId, workingOn, (await tasks.Find(work, cancellation).ConfigureAwait(false))?.AgentId)
            : null;
}
