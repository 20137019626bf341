using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Dependencies;

/// <summary>
/// Does a waiting task wait for itself? Walks from it over what it waits for, level by level, through tasks that wait themselves.
/// </summary>
/// <remarks>
/// Theory of operation. Edges never change once a task is accepted, so a cycle is complete with the last submission of its members, and
/// that one is refused. Members agree on who it is: the youngest by the Scheduler's stamp, then by id. So a task looks only through
/// tasks older than itself, and only when somebody older waits for it: in a graph that is handed in with dependencies first nobody ever
/// looks. It looks when it is submitted, and again whenever it asks its dependencies again: two submissions that close a cycle between
/// them at the same instant do not see each other at first, and the younger one finds the cycle then.
/// </remarks>
public sealed class CycleSearch(ISagaStore<TaskSaga> store, TimeProvider clock)
{
    /// <summary>Most tasks of one walk.</summary>
    public const int TasksMax = 20_000;

    private const int AtOnce = 200;

    /// <summary>The ids of a cycle that this task is the youngest of, itself first and last; null when there is none.</summary>
    public async Task<IReadOnlyList<string>?> Find(TaskSaga task, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (!task.Watchers.Any(watcher => Milliseconds(watcher.Since) <= Milliseconds(task.CreatedAt))) { return null; }
        var cameFrom = new Dictionary<string, string>(StringComparer.Ordinal);
        var level = Follow(task, cameFrom);
        while (level.Count > 0 && cameFrom.Count <= TasksMax)
        {
            if (cameFrom.ContainsKey(task.TaskId)) { return Path(task.TaskId, cameFrom); }
            var next = new List<string>();
            foreach (var some in level.Chunk(AtOnce))
            {
                foreach (var saga in await Task.WhenAll(some.Select(id => Load(id, cancellation))).ConfigureAwait(false))
                {
                    if (saga is not null && DependencyVerdicts.IsWaiting(saga) && IsOlder(saga, task)) { next.AddRange(Follow(saga, cameFrom)); }
                }
            }

            level = next;
        }

        return cameFrom.ContainsKey(task.TaskId) ? Path(task.TaskId, cameFrom) : null;
    }

    private static List<string> Follow(TaskSaga saga, Dictionary<string, string> cameFrom) =>
        [.. DependencyVerdicts.Open(saga).Select(open => open.TaskId).Where(id => cameFrom.TryAdd(id, saga.TaskId))];

    private static List<string> Path(string task, Dictionary<string, string> cameFrom)
    {
        var path = new List<string> { task };
        do { path.Add(cameFrom[path[^1]]); } while (path[^1] != task);
        path.Reverse();
        return path;
    }

    private static bool IsOlder(TaskSaga one, TaskSaga other)
    {
        var (left, right) = (Milliseconds(one.CreatedAt), Milliseconds(other.CreatedAt));
        return left < right || (left == right && string.CompareOrdinal(one.TaskId, other.TaskId) < 0);
    }

    // Memory, database and wire keep the same instant to different digits.
    private static long Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    private async Task<TaskSaga?> Load(string taskId, CancellationToken cancellation) =>
        (await store.Load(TaskKey.Of(taskId), Guid.CreateVersion7(clock.GetUtcNow()), starts: false, cancellation).ConfigureAwait(false)).Saga;
}
