using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>Is the place that a task takes below another one well formed? Pure; a part of <see cref="TaskRules"/>.</summary>
public static class FamilyRules
{
    /// <summary>Deepest place below a task that stands alone: its children are 1 deep.</summary>
    public const int DepthMax = 8;

    /// <summary>Most children of one task, ended ones included, unless the operator says otherwise.</summary>
    public const int ChildrenMax = 100;

    /// <summary>Most tasks below one that stands alone, over all generations, ended ones included, unless the operator says otherwise.</summary>
    public const int DescendantsMax = 1000;

    /// <summary>Says everything that is wrong with the parent of a task. Whether that one exists and has not ended is seen later.</summary>
    /// <param name="task">The submission.</param>
    /// <param name="wrong">Takes pointer, detail and kind; no kind: not valid.</param>
    public static void Check(SubmitTask task, Action<string, string, ErrorKind?> wrong)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(wrong);
        if (task.OnParentEnd == ParentEnd.Unknown)
        {
            wrong("#/on_parent_end", "one of cancel_on_failure, cancel, continue", ErrorKind.UnsupportedRequest);
        }

        if (task.ParentTaskId is not { } parent)
        {
            if (task.OnParentEnd is not null) { wrong("#/on_parent_end", "only with parent_task_id: a task that stands alone has no parent", null); }
            return;
        }

        if (!TaskRules.IsTaskId(parent)) { wrong("#/parent_task_id", "the id of a task; leave it out for a task that stands alone", null); }
        else if (parent == task.TaskId) { wrong("#/parent_task_id", "a task is not its own parent; name another one or leave it out", null); }

        // Its parent ends after its children in most families: both would wait for each other.
        var own = task.Dependencies.Take(DependencyRules.DependenciesMax).Index().FirstOrDefault(one => one.Item.TaskId == parent);
        if (own.Item is not null) { wrong($"#/dependencies/{own.Index}", "a task does not wait for its own parent; leave one of the two out", null); }
    }
}
