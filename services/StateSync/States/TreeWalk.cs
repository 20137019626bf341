using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.States;

/// <summary>Reads a task with all that stands below it, one question per level, so that neither depth nor width costs more than the limit.</summary>
public static class TreeWalk
{
    /// <summary>The tree, cut at the limit.</summary>
    /// <param name="root">The task at the top.</param>
    /// <param name="limit">Most tasks, 1..<see cref="TaskTree.LimitMax"/>.</param>
    /// <param name="children">The children of these tasks, the oldest first, at most so many.</param>
    public static async Task<TaskTree> Read(
        TaskDocument root, int limit, Func<IReadOnlyList<string>, int, Task<IReadOnlyList<TaskDocument>>> children)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(children);
        var (most, found) = (Math.Clamp(limit, 1, TaskTree.LimitMax), new List<TaskDocument> { DocumentRules.Head(root) });
        // Parents that were never taken in may name each other in a ring: nobody is met twice.
        var seen = new HashSet<string>(StringComparer.Ordinal) { root.TaskId };
        var level = new List<string> { root.TaskId };
        for (var depth = 0; level.Count > 0 && depth <= FamilyRules.DepthMax; depth++)
        {
            var next = (await children(level, most - found.Count + 1).ConfigureAwait(false)).Where(child => seen.Add(child.TaskId)).ToList();
            found.AddRange(next);
            if (found.Count > most) { return new TaskTree { Tasks = [.. found.Take(most)], More = true }; }
            level = next.ConvertAll(child => child.TaskId);
        }

        return new TaskTree { Tasks = found };
    }
}
