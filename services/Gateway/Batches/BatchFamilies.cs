using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Batches;

/// <summary>
/// Parents and children inside a batch: refuses who would stand too deep, rings, which are deeper than anything, and more children of one task than there may
/// be. Parents outside the batch are not looked at. Pure.
/// </summary>
internal static class BatchFamilies
{
    /// <summary>The items with what is wrong between them.</summary>
    public static IReadOnlyList<BatchItem> Check(IReadOnlyList<BatchItem> items, int childrenMax)
    {
        var (parents, children) = (new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        foreach (var item in items)
        {
            if (item.Task?.ParentTaskId is { } parent) { _ = parents.TryAdd(item.TaskId, parent); }
        }

        return parents.Count == 0 ? items : [.. items.Select(item => Crowd(Judge(item, parents), children, childrenMax))];
    }

    private static BatchItem Crowd(BatchItem item, Dictionary<string, int> children, int max)
    {
        if (item.Task?.ParentTaskId is not { } parent) { return item; }
        var place = children[parent] = children.GetValueOrDefault(parent) + 1;
        return place <= max
            ? item
            : item.Refuse("/parent_task_id", $"a task has at most {max} children; give the work to children of these", ErrorKind.Conflict);
    }

    private static BatchItem Judge(BatchItem item, Dictionary<string, string> parents)
    {
        var line = new List<string> { item.TaskId };
        while (item.Task is not null && parents.TryGetValue(line[^1], out var parent))
        {
            line.Add(parent);
            if (parent == item.TaskId) { return item.Refuse("/parent_task_id", "closes a ring of parents: " + string.Join(" -> ", line)); }
            if (line.Count > FamilyRules.DepthMax + 1)
            {
                return item.Refuse("/parent_task_id", $"stands more than {FamilyRules.DepthMax} deep; give the work to a task further up");
            }
        }

        return item;
    }
}
