using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Tasks;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>
/// Any family, handed in in any order, its messages in any order and some of them twice, its members ending when they like: nobody is missed.
/// </summary>
public sealed class FamilyProperties
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    /// <param name="Parents">Of each task by its number; -1: none.</param>
    /// <param name="Seed">Of the order of everything.</param>
    public sealed record Story(IReadOnlyList<int> Parents, int Seed);

    private static readonly Gen<Story> Stories =
        from size in Gen.Choose(1, 14)
        from parents in Gen.CollectToSequence<int, int>(Enumerable.Range(0, size), number => Gen.Choose(-1, number - 1))
        from seed in Gen.Choose(0, int.MaxValue)
        select new Story([.. parents], seed);

    [Fact]
    public void No_child_outlives_a_parent_that_ended_without_a_result() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Stories.ToArbitrary(), story =>
        {
            var world = new World(story);
            world.Run();
            foreach (var family in Enumerable.Range(0, story.Parents.Count).Select(i => world[i]).Where(saga => saga.Depth > 0)
                .GroupBy(saga => saga.RootId))
            {
                Assert.True(family.Count() <= World.Limits.DescendantsMax, $"{family.Key} has {family.Count()} below it");
            }

            for (var i = 0; i < story.Parents.Count; i++)
            {
                var saga = world[i];
                Assert.NotEqual("submitted", saga.State);
                if (story.Parents[i] < 0) { continue; }
                var parent = world[story.Parents[i]];
                // In the end everybody was taken in or refused; nobody waits at the door.
                Assert.NotEqual("blocked", saga.State);
                if (saga.State is not "rejected") { Assert.True(saga.Depth == 0 ? saga.State == "cancelled" : saga.Depth == parent.Depth + 1); }
                if (parent.State is "failed" or "cancelled" or "rejected")
                {
                    Assert.True(parent.SparesChildren || saga.Task.OnParentEnd == ParentEnd.Continue
                        || saga.State is "cancelled" or "rejected" or "completed" or "failed", saga.State);
                }

                if (saga.Task.OnParentEnd == ParentEnd.Cancel && parent is { State: "completed", SparesChildren: false })
                {
                    Assert.True(saga.State is "cancelled" or "rejected" or "completed" or "failed", saga.State);
                }
            }
        }));

    /// <summary>Sagas without a machine, and a bag from which messages are drawn in any order and sometimes twice.</summary>
    private sealed class World(Story story)
    {
        private static readonly ParentEnd?[] Words = [null, ParentEnd.CancelOnFailure, ParentEnd.Cancel, ParentEnd.Continue];
        public static readonly FamilyLimits Limits = new(4, 6);
        private readonly Random _random = new(story.Seed);
        private readonly Dictionary<string, TaskSaga> _sagas = [];
        private readonly List<object> _bag = [];

        public TaskSaga this[int number] => Saga($"t{number}");

        public void Run()
        {
            _bag.AddRange(story.Parents.Select((parent, i) =>
                new SubmitTask
                {
                    TaskId = $"t{i}",
                    TaskType = "a",
                    ParentTaskId = parent < 0 ? null : $"t{parent}",
                    OnParentEnd = parent < 0 ? null : Words[_random.Next(Words.Length)],
                }));
            while (_bag.Count > 0)
            {
                var drawn = _bag[_random.Next(_bag.Count)];
                if (_random.Next(4) > 0) { _ = _bag.Remove(drawn); }
                Handle(drawn);
            }
        }

        private TaskSaga Saga(string id) =>
            _sagas.TryGetValue(id, out var saga) ? saga : _sagas[id] = new TaskSaga { TaskId = id, State = "awaited" };

        private void Handle(object message)
        {
            switch (message)
            {
                case SubmitTask submitted when Saga(submitted.TaskId) is { State: "awaited" } fresh:
                    (fresh.State, fresh.Task, fresh.CreatedAt) = ("submitted", submitted, Noon);
                    Follow(fresh, DependencyVerdicts.OfSubmission(fresh, Noon, TimeSpan.FromSeconds(30)));
                    break;
                case WatchDependency watch:
                    var asked = Saga(watch.TaskId);
                    if (watch.Admission is { } admission)
                    {
                        (asked.Descendants, var word) = Family.Count(asked, admission, Limits);
                        _bag.Add(word);
                        break;
                    }

                    (asked.Watchers, var answer) = Family.Ask(asked, watch, Limits);
                    if (answer is not null) { Answer(asked, answer); }
                    break;
                case DependencySettled settled:
                    var child = Saga(settled.TaskId);
                    Follow(child, DependencyVerdicts.OfSettled(child, settled, Noon, TimeSpan.FromSeconds(30)));
                    break;
                case CancelTask cancel when Saga(cancel.TaskId) is { State: "blocked" or "queued" } live:
                    End(live, "cancelled");
                    break;
                case string end when Saga(end) is { State: "queued" } working:
                    working.SparesChildren = _random.Next(4) == 0;
                    End(working, _random.Next(3) == 0 ? "completed" : "failed");
                    break;
                default:
                    break;
            }
        }

        private void Answer(TaskSaga parent, DependencySettled word) => _bag.Add(
            word.Depth is not null && Family.Above(parent) is { } root
                ? new WatchDependency { TaskId = root, DependentId = word.TaskId, WaitingSince = Noon, AsChild = true, Admission = word }
                : word);

        private void Follow(TaskSaga saga, Judgement judgement)
        {
            if (judgement.Verdict == Verdict.Refused) { return; }
            (saga.Depth, saga.RootId) = (judgement.Depth ?? saga.Depth, judgement.RootId ?? saga.RootId);
            (saga.Watchers, var answers) = Family.TakeIn(saga);
            foreach (var answer in answers) { Answer(saga, answer); }
            switch (judgement.Verdict)
            {
                case Verdict.Block:
                    saga.State = "blocked";
                    _bag.Add(new WatchDependency
                    {
                        TaskId = saga.Task.ParentTaskId!,
                        DependentId = saga.TaskId,
                        WaitingSince = Noon,
                        AsChild = true,
                        OnParentEnd = saga.Task.OnParentEnd,
                    });
                    break;
                case Verdict.Proceed:
                    saga.State = "queued";
                    // Some never end.
                    if (_random.Next(2) == 0) { _bag.Add(saga.TaskId); }
                    break;
                default:
                    End(saga, "rejected");
                    break;
            }
        }

        private void End(TaskSaga saga, string state)
        {
            saga.State = state;
            var (cancels, answers) = Family.TellOfEnd(saga);
            saga.Watchers = [.. saga.Watchers.Where(watcher => watcher.IsTakenIn)];
            _bag.AddRange(cancels);
            _bag.AddRange(answers);
        }
    }
}
