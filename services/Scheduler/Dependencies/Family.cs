using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Groups;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Dependencies;

/// <summary>What a task does for its children: takes them in, and takes them along when it ends. Pure.</summary>
/// <remarks>
/// Theory of operation. A child waits until its parent has taken it in. The parent does so as soon as it stands in its own place, and
/// remembers whom it took in with the same commit; its end is a later commit of the same row. So every child is either refused by a parent
/// that has ended, or known to it before it ends: there is no moment in which a child could be missed. A ring of parents never finds a
/// place, and its members give up like those whose parent is never submitted. The task at the top counts all that stand below it: its children itself, and
/// the others because the yes to each of them goes over its desk. It remembers whom it has counted, so a repeat gets the same answer.
/// </remarks>
public static class Family
{
    /// <summary>Whether it is known how deep a task stands: it stands alone, or was taken in.</summary>
    public static bool HasPlace(TaskSaga saga)
    {
        ArgumentNullException.ThrowIfNull(saga);
        return IsSubmitted(saga) && (saga.Task.ParentTaskId is null || saga.Depth > 0);
    }

    /// <summary>A child asks: who is remembered, and the answer if there is one yet.</summary>
    public static (IReadOnlyList<Watcher> Children, DependencySettled? Answer) Ask(TaskSaga saga, WatchDependency asked, FamilyLimits limits)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(asked);
        var child = new Watcher
        {
            DependentId = asked.DependentId,
            Since = asked.WaitingSince,
            AsChild = true,
            IsTakenIn = HasPlace(saga),
            OnParentEnd = asked.OnParentEnd,
        };
        var known = saga.Watchers.FirstOrDefault(child.IsSame);
        // Whoever was told yes once is told so again, whatever has become of its parent: a repeat changes nothing.
        if (known is { IsTakenIn: true }) { return (saga.Watchers, Yes(saga, known)); }
        var isNew = known is null && Member(saga, child) is null;
        if ((Obstacle(saga) ?? (isNew ? Crowd(saga, limits) : null)) is { } obstacle) { return (saga.Watchers, No(saga, child, obstacle)); }
        return (known is null ? [.. saga.Watchers, child] : [.. saga.Watchers.Select(each => each == known ? child : each)],
            child.IsTakenIn ? Yes(saga, child) : null);
    }

    /// <summary>The task has found its place: those who waited for that, and the answers to them.</summary>
    public static (IReadOnlyList<Watcher> Children, IReadOnlyList<DependencySettled> Answers) TakeIn(TaskSaga saga)
    {
        ArgumentNullException.ThrowIfNull(saga);
        if (!HasPlace(saga) || !saga.Watchers.Any(IsOutside)) { return (saga.Watchers, []); }
        var outside = saga.Watchers.Where(IsOutside).ToList();
        if (Obstacle(saga) is { } obstacle)
        {
            return ([.. saga.Watchers.Where(each => !IsOutside(each))], outside.ConvertAll(child => No(saga, child, obstacle)));
        }

        return ([.. saga.Watchers.Select(each => IsOutside(each) ? each with { IsTakenIn = true } : each)],
            outside.ConvertAll(child => Yes(saga, child)));
    }

    /// <summary>The task has ended: the children that go with it, and the answers to those that it never took in.</summary>
    public static (IReadOnlyList<CancelTask> Cancels, IReadOnlyList<DependencySettled> Answers) TellOfEnd(TaskSaga saga)
    {
        ArgumentNullException.ThrowIfNull(saga);
        var children = saga.Watchers.Where(watcher => watcher.AsChild).ToList();
        if (children.Count == 0) { return ([], []); }
        var obstacle = Obstacle(saga)!;
        // A member is nothing without its group: it goes in any case, unless it has ended before.
        bool Goes(Watcher child) => Member(saga, child) is { } member ? !member.HasEnded
            : !saga.SparesChildren && child.OnParentEnd switch
            {
                ParentEnd.Cancel => true,
                ParentEnd.Continue => false,
                _ => saga.State != TaskState.Completed.Word(),
            };
        return (
            [.. children.Where(child => child.IsTakenIn && Goes(child)).Select(child => Cancel(saga, child))],
            [.. children.Where(IsOutside).Select(child => No(saga, child, obstacle))]);
    }

    /// <summary>Id of the command by which the end of a parent cancels a child: the same however often it is said.</summary>
    public static string CommandId(string parentId, string childId) => "cascade-" + TaskKey.FromName($"cascade\n{parentId}\n{childId}");

    /// <summary>The task at the top hears of one below its children: who has been counted, and the answer to that one.</summary>
    public static (IReadOnlyList<Guid> Descendants, DependencySettled Answer) Count(TaskSaga saga, DependencySettled admission, FamilyLimits limits)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(admission);
        var child = TaskKey.Of(admission.TaskId);
        return saga.Descendants.Contains(child) ? (saga.Descendants, admission)
            : Full(saga, limits) is { } full
                ? (saga.Descendants, new DependencySettled { TaskId = admission.TaskId, DependencyId = admission.DependencyId, Detail = full })
            : ([.. saga.Descendants, child], admission);
    }

    /// <summary>Whom else the yes to a child has to pass: the task at the top, where that is not the parent; null: nobody.</summary>
    public static string? Above(TaskSaga saga)
    {
        ArgumentNullException.ThrowIfNull(saga);
        return saga.Task.ParentTaskId is null ? null : saga.RootId;
    }

    private static string? Crowd(TaskSaga saga, FamilyLimits limits) =>
        saga.Watchers.Count(watcher => watcher.AsChild) >= limits.ChildrenMax
            ? $"its parent {saga.TaskId} has {limits.ChildrenMax} children, and a task has no more"
            : saga.Task.ParentTaskId is null ? Full(saga, limits) : null;

    private static string? Full(TaskSaga saga, FamilyLimits limits) =>
        saga.Watchers.Count(watcher => watcher.AsChild) + saga.Descendants.Count >= limits.DescendantsMax
            ? $"{limits.DescendantsMax} tasks stand below {saga.TaskId}, the top of its family, and there are no more"
            : null;

    private static string? Obstacle(TaskSaga saga) =>
        Watching.IsTerminal(saga) ? $"its parent {saga.TaskId} has ended: it is {saga.State}"
        : HasPlace(saga) && saga.Depth >= FamilyRules.DepthMax
            ? $"its parent {saga.TaskId} stands {saga.Depth} deep, and tasks stand at most {FamilyRules.DepthMax} deep"
        : null;

    private static GroupMember? Member(TaskSaga saga, Watcher child) => saga.Members.FirstOrDefault(one => one.TaskId == child.DependentId);

    private static bool IsOutside(Watcher watcher) => watcher is { AsChild: true, IsTakenIn: false };

    internal static bool IsSubmitted(TaskSaga saga) => saga.State.Length > 0 && WireWord.TryParse<TaskState>(saga.State, out _);

    private static DependencySettled Yes(TaskSaga saga, Watcher child) =>
        new()
        {
            TaskId = child.DependentId,
            DependencyId = saga.TaskId,
            Depth = saga.Depth + 1,
            RootId = saga.Task.ParentTaskId is null ? saga.TaskId : saga.RootId,
            OnBehalf = MetadataRules.OnBehalf(saga.Asked.Metadata),
            Seal = saga.AgentId is null ? null : saga.Task.Seal,
            SealedBy = saga.Task.Seal is null ? null : saga.AgentId,
        };

    private static DependencySettled No(TaskSaga saga, Watcher child, string obstacle) =>
        new() { TaskId = child.DependentId, DependencyId = saga.TaskId, Detail = obstacle };

    private static CancelTask Cancel(TaskSaga saga, Watcher child) => new()
    {
        TaskId = child.DependentId,
        CommandId = CommandId(saga.TaskId, child.DependentId),
        Reason = saga.State == TaskState.Completed.Word() && Member(saga, child) is not null
            ? $"{GroupRules.LostRace}: enough other agents did {saga.TaskId} before"
            : $"its parent {saga.TaskId} is {saga.State}",
    };
}
