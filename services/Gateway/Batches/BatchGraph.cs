using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Batches;

/// <summary>
/// The graph inside a batch: refuses cycles, naming them, and whatever waits for a refused task of the same batch; puts dependencies
/// first. Edges that lead out of the batch are not looked at. Pure.
/// </summary>
public static class BatchGraph
{
    /// <summary>The items with what is wrong between them.</summary>
    /// <param name="items">In their order.</param>
    /// <param name="childrenMax">Most children of one task.</param>
    public static IReadOnlyList<BatchItem> Check(IReadOnlyList<BatchItem> items, int childrenMax = FamilyRules.ChildrenMax)
    {
        ArgumentNullException.ThrowIfNull(items);
        var judged = BatchFamilies.Check(items, childrenMax).ToArray();
        while (true)
        {
            Cascade(judged);
            var left = Left(judged);
            // The last of its members is the one that closes a cycle.
            var found = left.OrderByDescending(i => i).Select(i => Cycle(judged, left, i)).FirstOrDefault(cycle => cycle is not null);
            if (found is null) { return judged; }
            var closing = judged[found[0]];
            var edge = Edge(closing, judged[found[1]].TaskId);
            judged[found[0]] = closing.Refuse($"/dependencies/{edge}",
                "closes a cycle: " + string.Join(" -> ", found.Select(i => judged[i].Called)));
        }
    }

    /// <summary>The accepted ones, dependencies before what depends on them, else in the order of the request.</summary>
    public static IReadOnlyList<BatchItem> DependenciesFirst(IReadOnlyList<BatchItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return [.. Order(items).Select(i => items[i])];
    }

    private static void Cascade(BatchItem[] items)
    {
        var byId = ById(items);
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var item in items.Where(item => item.Task is not null))
            {
                var refused = item.Task!.Dependencies.Select((dependency, i) => (Item: byId.GetValueOrDefault(dependency.TaskId, -1), Edge: i))
                    .FirstOrDefault(edge => edge.Item >= 0 && items[edge.Item].Task is null, (Item: -1, Edge: -1));
                if (refused.Item < 0 && item.Task.ParentTaskId is { } parent
                    && byId.TryGetValue(parent, out var above) && items[above].Task is null)
                {
                    items[item.Index] = Drag(item, "/parent_task_id", items[above]);
                    changed = true;
                }

                if (refused.Item < 0) { continue; }
                items[item.Index] = Drag(item, $"/dependencies/{refused.Edge}", items[refused.Item]);
                changed = true;
            }
        }
    }

    private static BatchItem Drag(BatchItem item, string place, BatchItem cause) =>
        item.Refuse(place, $"task {cause.Index} of this batch ({cause.Called}) is refused") with { IsDragged = true };

    // What no order of the tasks can place: members of cycles, and what waits for them.
    private static HashSet<int> Left(BatchItem[] items)
    {
        var left = items.Where(item => item.Task is not null).Select(item => item.Index).ToHashSet();
        left.ExceptWith(Order(items));
        return left;
    }

    private static List<int> Order(IReadOnlyList<BatchItem> items)
    {
        var byId = ById(items);
        var (waits, dependents) = (new int[items.Count], new List<int>?[items.Count]);
        foreach (var item in items.Where(item => item.Task is not null))
        {
            foreach (var on in Inside(item, byId))
            {
                waits[item.Index]++;
                (dependents[on] ??= []).Add(item.Index);
            }
        }

        var order = new List<int>(items.Count);
        var ready = new PriorityQueue<int, int>(items.Where(item => item.Task is not null && waits[item.Index] == 0)
            .Select(item => (item.Index, item.Index)));
        while (ready.TryDequeue(out var next, out _))
        {
            order.Add(next);
            foreach (var dependent in dependents[next] ?? [])
            {
                if (--waits[dependent] == 0) { ready.Enqueue(dependent, dependent); }
            }
        }

        return order;
    }

    // The shortest way from a task back to itself, itself first and last; null when there is none.
    private static List<int>? Cycle(BatchItem[] items, HashSet<int> among, int start)
    {
        var byId = ById(items);
        var cameFrom = new Dictionary<int, int>();
        var next = new Queue<int>([start]);
        while (next.TryDequeue(out var here))
        {
            foreach (var on in Inside(items[here], byId).Where(among.Contains))
            {
                if (!cameFrom.TryAdd(on, here)) { continue; }
                if (on == start) { return Back(cameFrom, start); }
                next.Enqueue(on);
            }
        }

        return null;
    }

    private static List<int> Back(Dictionary<int, int> cameFrom, int start)
    {
        var way = new List<int> { start };
        do { way.Add(cameFrom[way[^1]]); } while (way[^1] != start);
        way.Reverse();
        return way;
    }

    private static IEnumerable<int> Inside(BatchItem item, Dictionary<string, int> byId) =>
        item.Task!.Dependencies.Select(dependency => byId.GetValueOrDefault(dependency.TaskId, -1)).Where(on => on >= 0);

    private static int Edge(BatchItem item, string taskId) =>
        item.Task!.Dependencies.Select((dependency, i) => (dependency, i)).First(edge => edge.dependency.TaskId == taskId).i;

    private static Dictionary<string, int> ById(IReadOnlyList<BatchItem> items)
    {
        var byId = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in items) { _ = byId.TryAdd(item.TaskId, item.Index); }
        return byId;
    }
}
