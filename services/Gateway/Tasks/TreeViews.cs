using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>A task with all that stands below it.</summary>
public sealed record TaskTreeView
{
    /// <summary>Tasks that are shown, the one at the top included.</summary>
    public required int Tasks { get; init; }

    /// <summary>How many of them are in each state; states without one are left out.</summary>
    public required IReadOnlyDictionary<string, int> Counts { get; init; }

    /// <summary>0..1, see <see cref="TaskTreeNode.TreeProgress"/> of the task at the top.</summary>
    public required double Progress { get; init; }

    /// <summary>True: there are more than the limit; counts and progress are those of the tasks that are shown.</summary>
    public bool? More { get; init; }

    /// <summary>The task at the top.</summary>
    public required TaskTreeNode Root { get; init; }
}

/// <summary>A task within a tree.</summary>
public sealed record TaskTreeNode
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>What kind of work it is.</summary>
    public required string TaskType { get; init; }

    /// <summary>Where it is.</summary>
    public required TaskState State { get; init; }

    /// <summary>What is under way beside the state; absent when nothing is.</summary>
    public TaskPhase? Phase { get; init; }

    /// <summary>0..1 of its own current attempt.</summary>
    public required double Progress { get; init; }

    /// <summary>
    /// 0..1 of it and all below it: the mean of itself and its children, each of these with all below it. What has ended counts 1, for nothing is
    /// left to do, and what has not at most 0.99; so it is 1 exactly when all of it has ended.
    /// </summary>
    public required double TreeProgress { get; init; }

    /// <summary>The current attempt; 0 before the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>The agent of the current attempt.</summary>
    public string? AgentId { get; init; }

    /// <summary>Why it is where it is: a reason or error code.</summary>
    public string? Code { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What it was split into, the oldest first.</summary>
    public required IReadOnlyList<TaskTreeNode> Children { get; init; }
}

/// <summary>Trees as views. Pure.</summary>
public static class TreeViews
{
    private const double UnendedMax = 0.99;

    /// <summary>The view of a tree.</summary>
    public static TaskTreeView Of(TaskTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var families = tree.Tasks.Skip(1).ToLookup(task => task.ParentTaskId, StringComparer.Ordinal);
        var root = Node(tree.Tasks[0], families);
        return new TaskTreeView
        {
            Tasks = tree.Tasks.Count,
            Counts = tree.Tasks.GroupBy(task => task.State).OrderBy(group => group.Key).ToDictionary(group => group.Key.Word(), group => group.Count()),
            Progress = root.TreeProgress,
            More = tree.More ? true : null,
            Root = root,
        };
    }

    private static TaskTreeNode Node(TaskDocument task, ILookup<string?, TaskDocument> families)
    {
        TaskTreeNode[] children = [.. families[task.TaskId].Select(child => Node(child, families))];
        var own = task.State.IsTerminal() ? 1 : Math.Min(task.Progress, UnendedMax);
        return new TaskTreeNode
        {
            TaskId = task.TaskId,
            TaskType = task.TaskType,
            State = task.State,
            Phase = task.Phase == TaskPhase.None ? null : task.Phase,
            Progress = task.Progress,
            TreeProgress = children.Select(child => child.TreeProgress).Append(own).Average(),
            Attempt = task.Attempt,
            AgentId = task.AgentId,
            Code = task.Code,
            CreatedAt = task.CreatedAt,
            EndedAt = task.EndedAt,
            Children = children,
        };
    }
}
