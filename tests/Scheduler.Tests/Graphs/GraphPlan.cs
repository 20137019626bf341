using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Tests.Graphs;

/// <summary>What its agents do with a task, whichever of them gets it.</summary>
internal enum Work
{
    Succeeds,
    Fails,

    /// <summary>Its first attempt fails and may be tried again.</summary>
    FailsOnce,

    /// <summary>Two agents die over it, and the second one's last words come when a third has it.</summary>
    OutlivesTwoAgents,

    /// <summary>No agent ever ends it, and a command does.</summary>
    IsCancelled,

    /// <summary>The first of three agents counts.</summary>
    Race,

    /// <summary>Two of three agents must succeed.</summary>
    Quorum,
}

/// <summary>An edge to a task of a lower number; which of the two is submitted first is chance.</summary>
internal sealed record Edge(int To, DependencyCondition Condition, UnsatisfiedPolicy Policy);

/// <param name="Edges">What it waits for.</param>
/// <param name="Work">What becomes of it.</param>
/// <param name="Agents">Of a group: whose part succeeds.</param>
/// <param name="Parent">The task that it is a child of; null: none.</param>
/// <param name="OnParentEnd">What it wants when that one ends.</param>
internal sealed record Node(IReadOnlyList<Edge> Edges, Work Work, IReadOnlyList<bool> Agents, int? Parent, ParentEnd? OnParentEnd);

/// <summary>A random graph with families, groups and deaths in it, and what each of its tasks may end as.</summary>
internal sealed class GraphPlan
{
    private const int EdgesMax = 2;
    private static readonly Work[] Works =
    [
        .. Enumerable.Repeat(Work.Succeeds, 10), Work.Fails, Work.Fails, Work.FailsOnce, Work.FailsOnce, Work.OutlivesTwoAgents, Work.OutlivesTwoAgents,
        Work.IsCancelled, Work.Race, Work.Race, Work.Quorum,
    ];
    private static readonly DependencyCondition[] Conditions =
        [DependencyCondition.Success, DependencyCondition.Success, DependencyCondition.Failure, DependencyCondition.Completion];
    private static readonly UnsatisfiedPolicy[] Policies = [UnsatisfiedPolicy.Fail, UnsatisfiedPolicy.Skip, UnsatisfiedPolicy.Release];
    private static readonly ParentEnd?[] Words = [null, ParentEnd.Cancel, ParentEnd.Continue];

    private readonly string _name;

    public GraphPlan(string name, int tasks, Random chance)
    {
        _name = name;
        var nodes = new List<Node>();
        for (var i = 0; i < tasks; i++) { nodes.Add(Next(nodes, chance)); }
        Nodes = nodes;
    }

    public IReadOnlyList<Node> Nodes { get; }

    public string IdOf(int number) => $"{_name}-{number}";

    public IEnumerable<SubmitTask> Submissions() => Nodes.Select((node, i) => new SubmitTask
    {
        TaskId = IdOf(i),
        TaskType = "a.b",
        Dependencies =
        [
            .. node.Edges.Select(edge => new Dependency { TaskId = IdOf(edge.To), Condition = edge.Condition, OnUnsatisfied = edge.Policy }),
        ],
        Mode = node.Work switch { Work.Race => TaskMode.Competitive, Work.Quorum => TaskMode.Broadcast, _ => null },
        Competitors = node.Work == Work.Race ? node.Agents.Count : null,
        Quorum = node.Work == Work.Quorum ? 2 : null,
        ParentTaskId = node.Parent is { } parent ? IdOf(parent) : null,
        OnParentEnd = node.OnParentEnd,
    });

    /// <summary>
    /// The states in which a task may end when those that it has to do with end as they did. One state where no family and no command is in it: then the
    /// whole graph ends in one way, whatever the order.
    /// </summary>
    public IReadOnlySet<TaskState> Allowed(int number, Func<int, TaskState> end)
    {
        var (node, allowed) = (Nodes[number], new HashSet<TaskState>());
        var broken = node.Edges.Where(edge => edge.Policy != UnsatisfiedPolicy.Release && !Holds(edge.Condition, end(edge.To))).ToList();
        foreach (var edge in broken) { _ = allowed.Add(edge.Policy == UnsatisfiedPolicy.Skip ? TaskState.Cancelled : TaskState.Failed); }
        if (broken.Count == 0) { _ = allowed.Add(Natural(node)); }
        if (node.Work == Work.IsCancelled) { _ = allowed.Add(TaskState.Cancelled); }
        if (node.Parent is not { } parent) { return allowed; }
        // A parent that ended before it heard of a child takes nobody in.
        _ = allowed.Add(TaskState.Rejected);
        var goes = node.OnParentEnd is ParentEnd.Cancel || (node.OnParentEnd is null && end(parent) != TaskState.Completed);
        if (goes) { _ = allowed.Add(TaskState.Cancelled); }
        return allowed;
    }

    private static bool Holds(DependencyCondition condition, TaskState end) => condition switch
    {
        DependencyCondition.Success => end == TaskState.Completed,
        DependencyCondition.Failure => end != TaskState.Completed,
        _ => true,
    };

    private static TaskState Natural(Node node) => node.Work switch
    {
        Work.Fails => TaskState.Failed,
        Work.IsCancelled => TaskState.Cancelled,
        Work.Race => node.Agents.Any(succeeds => succeeds) ? TaskState.Completed : TaskState.Failed,
        Work.Quorum => node.Agents.Count(succeeds => succeeds) >= 2 ? TaskState.Completed : TaskState.Failed,
        _ => TaskState.Completed,
    };

    private static Node Next(List<Node> before, Random chance)
    {
        var count = before.Count;
        int? parent = count > 0 && chance.Next(4) == 0 ? chance.Next(count) : null;
        if (parent is { } one && Depth(before, one) >= FamilyRules.DepthMax) { parent = null; }
        var targets = Enumerable.Range(0, count).Where(number => number != parent).ToArray();
        chance.Shuffle(targets);
        return new Node(
            [
                .. targets.Take(chance.Next(EdgesMax + 1)).Select(target => new Edge(
                    target, Conditions[chance.Next(Conditions.Length)], Policies[chance.Next(Policies.Length)])),
            ],
            Works[chance.Next(Works.Length)],
            [.. Enumerable.Range(0, 3).Select(_ => chance.Next(3) > 0)],
            parent,
            parent is null ? null : Words[chance.Next(Words.Length)]);
    }

    private static int Depth(List<Node> nodes, int number) => nodes[number].Parent is { } parent ? Depth(nodes, parent) + 1 : 0;
}
