using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Requirement 81: what a task is to its children, and its agent to the task.</summary>
public sealed class FamilyTests(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_end_of_a_family_reaches_every_generation_with_a_reason()
    {
        await Submit("whole");
        await Submit("part", "whole");
        await Submit("piece", "part");
        Assert.Equal(["queued", "queued", "queued"], await States("whole", "part", "piece"));
        Assert.Equal(2, (await scheduler.Find("piece"))!.Depth);

        _ = await scheduler.Hear(new CancelTask { TaskId = "whole", CommandId = "c", Reason = "not needed" });

        await Comes("piece", "cancelled");
        Assert.Equal(["cancelled", "cancelled", "cancelled"], await States("whole", "part", "piece"));
        var note = Assert.Single((await scheduler.Find("piece"))!.Commands);
        Assert.Equal((Family.CommandId("part", "piece"), "cancel"), (note.Id, note.Name));
    }

    [Fact]
    public async Task Nobody_stands_deeper_than_the_bound()
    {
        await Submit("deep-0");
        foreach (var depth in Enumerable.Range(1, FamilyRules.DepthMax)) { await Submit($"deep-{depth}", $"deep-{depth - 1}"); }
        Assert.Equal(FamilyRules.DepthMax, (await scheduler.Find($"deep-{FamilyRules.DepthMax}"))!.Depth);

        await Submit("too-deep", $"deep-{FamilyRules.DepthMax}", "rejected");

        Assert.Contains("at most 8 deep", (await scheduler.Find("too-deep"))!.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_that_comes_before_its_parent_is_taken_in_when_that_one_comes()
    {
        await Submit("early", "late", "blocked");
        await Submit("late");
        await Comes("early", "queued");
        Assert.Equal(1, (await scheduler.Find("early"))!.Depth);
    }

    [Fact]
    public async Task A_task_that_is_done_again_stands_alone()
    {
        await Submit("p");
        await Submit("again", "p");
        _ = await scheduler.Hear(new CancelTask { TaskId = "again", CommandId = "c" });

        var said = await scheduler.Hear(new RetryTask { TaskId = "again", CommandId = "r" });

        Assert.Null(Assert.Single(said.OfType<SubmitTask>()).ParentTaskId);
    }

    [Fact]
    public void A_repeat_of_a_child_gets_the_same_answer_whatever_has_become_of_its_parent()
    {
        var saga = new TaskSaga { TaskId = "p", State = "running" };
        (saga.Watchers, var first) = Family.Ask(saga, Asks("c"), FamilyLimits.Default);
        (saga.Watchers, var second) = Family.Ask(saga, Asks("c"), FamilyLimits.Default);
        saga.State = "completed";
        var (_, third) = Family.Ask(saga, Asks("c"), FamilyLimits.Default);
        var (_, stranger) = Family.Ask(saga, Asks("d"), FamilyLimits.Default);

        Assert.Equal([1, 1, 1], new[] { first, second, third }.Select(answer => answer!.Depth));
        Assert.Single(saga.Watchers);
        Assert.Equal((null, "its parent p has ended: it is completed"), (stranger!.Depth, stranger.Detail));
    }

    [Fact]
    public void A_task_has_so_many_children_and_no_more()
    {
        var saga = new TaskSaga { TaskId = "p", State = "running" };
        for (var n = 0; n < FamilyRules.ChildrenMax; n++)
        {
            (saga.Watchers, var answer) = Family.Ask(saga, Asks($"c{n}"), FamilyLimits.Default);
            Assert.Equal(1, answer!.Depth);
        }

        Assert.Null(Family.Ask(saga, Asks("one-more"), FamilyLimits.Default).Answer!.Depth);
        Assert.Equal(1, Family.Ask(saga, Asks("c7"), FamilyLimits.Default).Answer!.Depth);
        // Its watchers have room of their own.
        Assert.Equal(FamilyRules.ChildrenMax + 1, Watching.Ask(saga, Asks("d") with { AsChild = false }).Watchers.Count);
    }

    [Fact]
    public async Task A_family_has_so_many_members_over_all_generations_and_the_one_at_the_top_counts_them()
    {
        await Submit("top");
        await Submit("middle", "top");
        var top = (await scheduler.Find("top"))!;
        top.Descendants = [.. Enumerable.Range(0, FamilyRules.DescendantsMax - 3).Select(n => TaskKey.Of($"far-{n}"))];
        await scheduler.Store(top);

        await Submit("last", "middle");
        await Submit("last-but-for-a-child", "top");
        await Submit("one-more", "middle", "rejected");
        await Submit("one-more-child", "top", "rejected");

        Assert.Equal(("top", 2), ((await scheduler.Find("last"))!.RootId, (await scheduler.Find("last"))!.Depth));
        foreach (var id in new[] { "one-more", "one-more-child" })
        {
            var error = (await scheduler.Find(id))!.Error!;
            Assert.Equal("CONFLICT", error.Code);
            Assert.Contains("1000 tasks stand below top", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_was_counted_once_is_told_the_same_again_and_takes_no_more_room()
    {
        var top = new TaskSaga { TaskId = "top", State = "running" };
        var limits = new FamilyLimits(10, 2);
        foreach (var id in new[] { "a", "b", "a" }) { Assert.Equal(2, Count(id).Depth); }
        Assert.Equal((null, "2 tasks stand below top, the top of its family, and there are no more"), (Count("c").Depth, Count("c").Detail));
        Assert.Equal(2, Count("b").Depth);
        Assert.Equal(2, top.Descendants.Count);
        Assert.Null(Family.Ask(top, Asks("child"), limits).Answer!.Depth);

        DependencySettled Count(string id)
        {
            (top.Descendants, var word) = Family.Count(top, new DependencySettled { TaskId = id, DependencyId = "p", Depth = 2 }, limits);
            return word;
        }
    }

    [Theory]
    [InlineData("completed", false, 0)]
    [InlineData("failed", false, 2)]
    [InlineData("expired", false, 2)]
    [InlineData("cancelled", false, 2)]
    [InlineData("cancelled", true, 0)]
    public void Children_go_with_a_parent_that_ends_without_a_result_unless_they_are_spared(string end, bool spared, int cancelled)
    {
        var saga = new TaskSaga { TaskId = "p", State = end, SparesChildren = spared, Watchers = [Kin("a", true), Kin("b", true), Kin("c", false)] };

        var (cancels, answers) = Family.TellOfEnd(saga);

        Assert.Equal(cancelled, cancels.Count);
        Assert.Equal(cancels.Count, cancels.Select(cancel => cancel.CommandId).Distinct().Count());
        // Who was not taken in yet hears no, for its parent takes nobody in any more.
        Assert.Equal(("c", null), (Assert.Single(answers).TaskId, answers[0].Depth));
    }

    [Theory]
    [InlineData("completed", false, "cancel")]
    [InlineData("failed", false, "cancel default")]
    [InlineData("rejected", false, "cancel default")]
    [InlineData("expired", false, "cancel default")]
    [InlineData("cancelled", false, "cancel default")]
    [InlineData("cancelled", true, "")]
    public void Each_child_goes_by_its_own_word_when_its_parent_ends(string end, bool spared, string gone)
    {
        var saga = new TaskSaga { TaskId = "p", State = end, SparesChildren = spared };
        foreach (var (child, word) in new (string, ParentEnd?)[]
            { ("cancel", ParentEnd.Cancel), ("continue", ParentEnd.Continue), ("default", null) })
        {
            saga.State = "running";
            (saga.Watchers, _) = Family.Ask(saga, Asks(child) with { OnParentEnd = word }, FamilyLimits.Default);
        }

        saga.State = end;
        var (cancels, _) = Family.TellOfEnd(saga);

        Assert.Equal(gone.Split(' ', StringSplitOptions.RemoveEmptyEntries), cancels.Select(cancel => cancel.TaskId));
        Assert.All(cancels, cancel => Assert.Equal($"its parent p is {end}", cancel.Reason));
    }

    [Fact]
    public async Task The_word_of_a_child_travels_with_its_question_and_is_kept()
    {
        await Submit("boss-1");
        _ = await scheduler.Hear(new SubmitTask { TaskId = "aide", TaskType = "a", ParentTaskId = "boss-1", OnParentEnd = ParentEnd.Cancel });
        await Comes("aide", "queued");
        _ = await scheduler.Hear(Allocated("boss-1"));
        _ = await scheduler.Hear(new TaskResult
        {
            TaskId = "boss-1",
            Attempt = 1,
            ExecutorAgentId = "agent-1",
            Status = TaskState.Completed,
            CompletedAt = Noon,
        });

        await Comes("aide", "cancelled");
        Assert.Equal("completed", (await scheduler.Find("boss-1"))!.State);
    }

    private static Watcher Kin(string id, bool takenIn) => new() { DependentId = id, Since = Noon, AsChild = true, IsTakenIn = takenIn };

    private static WatchDependency Asks(string child) => new() { TaskId = "p", DependentId = child, WaitingSince = Noon, AsChild = true };

    private static Contracts.Resources.ResourcesAllocated Allocated(string id) =>
        new() { TaskId = id, Attempt = 1, AgentId = "agent-1", Resources = [] };

    private async Task Submit(string id, string? parent = null, string state = "queued")
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = id, TaskType = "data.analysis", ParentTaskId = parent });
        await Comes(id, state);
    }

    private Task Comes(string id, string state) => Eventually.Seen(
        async _ => (await scheduler.Find(id))!.State, seen => seen == state, $"{id} is {state}");

    private async Task<IEnumerable<string>> States(params string[] ids)
    {
        var states = new List<string>();
        foreach (var id in ids) { states.Add((await scheduler.Find(id))!.State); }
        return states;
    }
}
