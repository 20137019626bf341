using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Batches;

/// <summary>
/// Parents and children inside a batch: refuses who would stand too deep, and rings, which are deeper than anything. Parents outside the
/// batch are not looked at. Pure.
/// </summary>
internal static class BatchFamilies
{
    /// <summary>The items with what is wrong between them.</summary>
    public static IReadOnlyList<BatchItem> Check(IReadOnlyList<BatchItem> items)
    {
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item.Task?.ParentTaskId is { } parent) { _ = parents.TryAdd(item.TaskId, parent); }
        }

        return parents.Count == 0 ? items : [.. items.Select(item => Judge(item, parents))];
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
