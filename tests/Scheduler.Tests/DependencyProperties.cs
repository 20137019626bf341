using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Tasks;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>
/// Any graph, any outcome of its work, any order of submissions and messages, with repeats: every task ends as a plain walk over the graph
/// says it must, and nobody is left waiting.
/// </summary>
public sealed class DependencyProperties
{
    private const int TasksMax = 12;

    public sealed record Edge(int To, DependencyCondition Condition, UnsatisfiedPolicy Policy, bool Maps);

    public sealed record Node(IReadOnlyList<Edge> Edges, bool WorkSucceeds);

    public sealed record Story(IReadOnlyList<Node> Graph, int Seed);

    // Edges lead to lower numbers; which of the two is submitted first is up to the seed.
    private static readonly Gen<Story> Stories =
        from size in Gen.Choose(1, TasksMax)
        from nodes in Gen.CollectToSequence<int, Node>(Enumerable.Range(0, size), NodeAt)
        from seed in Gen.Choose(0, int.MaxValue)
        select new Story([.. nodes], seed);

    [Fact]
    public void Every_task_ends_as_the_graph_says() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Stories.ToArbitrary(), story =>
        {
            var world = new World(story);
            world.Run();
            Assert.All(Enumerable.Range(0, story.Graph.Count), i => Assert.Contains(world.Ended(i), Expected(story.Graph, i)));
            Assert.All(Enumerable.Range(0, story.Graph.Count).Where(i => world.Ended(i) == "completed"),
                i => Assert.Equal(Handed(story.Graph, i), world.Handed(i)));
        }));

    private static Gen<Node> NodeAt(int number) =>
        from edges in Gen.CollectToSequence<int, Edge?>(Enumerable.Range(0, number), EdgeTo)
        from succeeds in Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false)))
        select new Node([.. edges.OfType<Edge>()], succeeds);

    private static Gen<Edge?> EdgeTo(int target) =>
        from there in Gen.Choose(0, 2)
        from condition in Gen.Elements(
            DependencyCondition.Success, DependencyCondition.Failure, DependencyCondition.Completion, DependencyCondition.Started)
        from policy in Gen.Elements(UnsatisfiedPolicy.Fail, UnsatisfiedPolicy.Skip, UnsatisfiedPolicy.Release, UnsatisfiedPolicy.Hold)
        from maps in Gen.Elements(true, false)
        select there == 0
            ? new Edge(target, condition, policy, maps && condition is DependencyCondition.Success or DependencyCondition.Completion)
            : null;

    // The reference: a walk from the roots, with no messages and no time. More than one word: two edges end it at once.
    private static IReadOnlyList<string> Expected(IReadOnlyList<Node> graph, int number)
    {
        var node = graph[number];
        var broken = node.Edges.Where(edge => edge.Policy != UnsatisfiedPolicy.Release && !Holds(graph, edge)).ToList();
        if (broken.Any(edge => edge.Policy is UnsatisfiedPolicy.Fail or UnsatisfiedPolicy.Skip))
        {
            return [.. broken.Where(edge => edge.Policy is UnsatisfiedPolicy.Fail or UnsatisfiedPolicy.Skip)
                .Select(edge => edge.Policy == UnsatisfiedPolicy.Skip ? "cancelled" : "failed").Distinct()];
        }

        // What waits for something that is held, or is held itself, waits for a person.
        if (broken.Count > 0 || node.Edges.Any(edge => Expected(graph, edge.To)[0] == "blocked")) { return ["blocked"]; }
        return [node.WorkSucceeds ? "completed" : "worked and failed"];
    }

    private static bool Holds(IReadOnlyList<Node> graph, Edge edge)
    {
        var end = Expected(graph, edge.To)[0];
        var holds = end == "blocked" || edge.Condition switch
        {
            DependencyCondition.Success => end == "completed",
            DependencyCondition.Failure => end != "completed",
            DependencyCondition.Started => end is "completed" or "worked and failed",
            _ => true,
        };
        return holds && (!edge.Maps || end is "completed" or "blocked");
    }

    private static string Handed(IReadOnlyList<Node> graph, int number) => string.Join(",", graph[number].Edges
        .Where(edge => edge.Maps && Holds(graph, edge)).Select(edge => edge.To).Order());

    /// <summary>Sagas without a machine: the rules alone, and a bag from which messages are drawn in any order and sometimes twice.</summary>
    private sealed class World(Story story)
    {
        private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);
        private readonly Random _random = new(story.Seed);
        private readonly Dictionary<string, TaskSaga> _sagas = [];
        private readonly List<object> _bag = [];

        public void Run()
        {
            _bag.AddRange(story.Graph.Select((node, i) => new SubmitTask
            {
                TaskId = $"t{i}",
                TaskType = "a.b",
                Dependencies = [.. node.Edges.Select(edge => new Dependency
                {
                    TaskId = $"t{edge.To}",
                    Condition = edge.Condition,
                    OnUnsatisfied = edge.Policy,
                    Map = edge.Maps ? new Dictionary<string, string> { ["/out"] = $"/t{edge.To}" } : null,
                })],
            }));
            while (_bag.Count > 0)
            {
                var drawn = _bag[_random.Next(_bag.Count)];
                if (_random.Next(4) > 0) { _ = _bag.Remove(drawn); }
                Handle(drawn);
            }
        }

        public string Ended(int number)
        {
            var saga = _sagas[$"t{number}"];
            return saga is { State: "failed", HasStarted: true } ? "worked and failed" : saga.State;
        }

        public string Handed(int number) => _sagas[$"t{number}"].Task.Parameters is { } parameters
            ? string.Join(",", parameters.EnumerateObject().Select(member => int.Parse(member.Name[1..],
                System.Globalization.CultureInfo.InvariantCulture)).Order())
            : "";

        private void Handle(object message)
        {
            switch (message)
            {
                case SubmitTask submitted when !_sagas.TryGetValue(submitted.TaskId, out var known) || known.State == "awaited":
                    var fresh = Saga(submitted.TaskId);
                    (fresh.State, fresh.Task, fresh.CreatedAt) = ("submitted", submitted, Noon);
                    Follow(fresh, DependencyVerdicts.OfSubmission(fresh, Noon, TimeSpan.FromSeconds(30)));
                    break;
                case WatchDependency watch:
                    var asked = Saga(watch.TaskId);
                    (asked.Watchers, var answer) = Watching.Ask(asked, watch);
                    if (answer is not null) { _bag.Add(answer); }
                    break;
                case DependencySettled settled:
                    var saga = _sagas[settled.TaskId];
                    Follow(saga, DependencyVerdicts.OfSettled(saga, settled, Noon, TimeSpan.FromSeconds(30)));
                    break;
                case string working when _sagas[working].State == "running":
                    Finish(_sagas[working], story.Graph[int.Parse(working[1..], System.Globalization.CultureInfo.InvariantCulture)].WorkSucceeds);
                    break;
                default:
                    break;
            }
        }

        private TaskSaga Saga(string id) =>
            _sagas.TryGetValue(id, out var saga) ? saga : _sagas[id] = new TaskSaga { TaskId = id, State = "awaited" };

        private void Follow(TaskSaga saga, Judgement judgement)
        {
            saga.Settled = judgement.Settled ?? saga.Settled;
            switch (judgement.Verdict)
            {
                case Verdict.Block when saga.State == "submitted":
                    saga.State = "blocked";
                    Ask(saga);
                    break;
                case Verdict.Inquire:
                    Ask(saga);
                    break;
                case Verdict.Proceed:
                    saga.Task = saga.Task with { Parameters = judgement.Parameters ?? saga.Task.Parameters };
                    (saga.State, saga.HasStarted) = ("running", true);
                    _bag.Add(saga.TaskId);
                    Tell(saga);
                    break;
                case Verdict.Fail or Verdict.Cancel:
                    saga.State = judgement.Verdict == Verdict.Fail ? "failed" : "cancelled";
                    Tell(saga);
                    break;
                default:
                    break;
            }
        }

        private void Ask(TaskSaga saga) => _bag.AddRange(DependencyVerdicts.Open(saga).Select(open => new WatchDependency
        {
            TaskId = open.TaskId,
            DependentId = saga.TaskId,
            WaitingSince = Noon,
            UntilStarted = open.Condition == DependencyCondition.Started,
            Outputs = open.Map is { } map ? [.. map.Keys] : null,
        }));

        private void Finish(TaskSaga saga, bool succeeds)
        {
            saga.State = (succeeds ? TaskState.Completed : TaskState.Failed).Word();
            saga.Result = succeeds ? JsonSerializer.Serialize(new { @out = saga.TaskId }) : null;
            Tell(saga);
        }

        private void Tell(TaskSaga saga)
        {
            (saga.Watchers, var words) = Watching.Tell(saga);
            // Now and then there is too much for one message to many.
            _bag.AddRange(words.Select(word => _random.Next(3) == 0 ? word with { Outputs = null } : word));
        }
    }
}
