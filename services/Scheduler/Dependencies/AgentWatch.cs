using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Dependencies;

/// <summary>
/// Which tasks an agent may wait for: the children of the task that it works on, in the attempt that it holds. Any other result is not its to know, also
/// when it knows the id.
/// </summary>
/// <remarks>
/// The child knows its parent, and the parent knows who works on it. Its row is read as others last committed it: the offer by which an agent learns of an
/// attempt leaves with the commit that gives it to that agent, so whoever asks rightly is found there. What this process remembers of the parent may be
/// behind another process, so a no is said only after a look at the store.
/// </remarks>
public sealed class AgentWatch(ISagaStore<TaskSaga> store, TimeProvider clock)
{
    /// <summary>Whether this agent must not wait for this task. Others than agents may.</summary>
    public async ValueTask<bool> Refuses(TaskSaga saga, WatchDependency asked, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(asked);
        if (asked.AgentId is not { } agent) { return false; }
        // Until it is submitted nobody knows whose child it is; then it is asked again.
        if (Family.IsSubmitted(saga) && saga.Task.ParentTaskId != asked.DependentId) { return true; }
        return !await Holds(agent, asked, cancellation).ConfigureAwait(false) && !await Holds(agent, asked, cancellation).ConfigureAwait(false);
    }

    /// <summary>Whether somebody who waits is an agent that works on another task than the parent of this one.</summary>
    public static bool IsStranger(TaskSaga saga, Watcher watcher)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(watcher);
        return watcher.AgentId is not null && saga.Task.ParentTaskId != watcher.DependentId;
    }

    // A saga is handed out of the memory once: the second look is one at the store.
    private async Task<bool> Holds(string agent, WatchDependency asked, CancellationToken cancellation)
    {
        var parent = (await store.Load(TaskKey.Of(asked.DependentId), Guid.CreateVersion7(clock.GetUtcNow()), starts: false, cancellation)
            .ConfigureAwait(false)).Saga;
        return parent is not null && parent.TaskId == asked.DependentId && asked.Attempt is { } attempt
            && Fencing.ForHolder(parent, agent, attempt) is null;
    }
}
