using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.Tests;

/// <summary>Requirement 81: parents and children in the public truth.</summary>
public abstract partial class StateStoreSuite
{
    [Fact]
    public async Task A_list_shows_the_children_of_one_task_and_no_others()
    {
        await PutFamily();
        Assert.Equal(["f-a", "f-b"], await Listed(new TaskFilter { ParentTaskId = "f" }));
        Assert.Equal(["f-b"], await Listed(new TaskFilter { ParentTaskId = "f", States = [TaskState.Queued] }));
        Assert.Empty(await Listed(new TaskFilter { ParentTaskId = "f-b" }));
        Assert.Equal("f-a", (await Found("f-a-1")).ParentTaskId);
        Assert.Null((await Found("f")).ParentTaskId);
    }

    [Fact]
    public async Task A_tree_has_every_level_below_a_task_with_parents_before_children()
    {
        await PutFamily();

        var tree = await Queries.Tree("f", 100, default);

        Assert.Equal(["f", "f-a", "f-b", "f-a-1", "f-a-2"], tree!.Tasks.Select(task => task.TaskId));
        Assert.False(tree.More);
        Assert.All(tree.Tasks, task => Assert.Null(task.Parameters));
        Assert.Equal(TaskState.Queued, tree.Tasks[2].State);
        Assert.Equal(["f-a", "f-a-1", "f-a-2"], (await Queries.Tree("f-a", 100, default))!.Tasks.Select(task => task.TaskId));
        Assert.Null(await Queries.Tree("never-seen", 100, default));
    }

    [Fact]
    public async Task A_tree_is_cut_at_its_limit_and_says_so()
    {
        await PutFamily();
        foreach (var limit in Enumerable.Range(1, 5))
        {
            var tree = await Queries.Tree("f", limit, default);
            Assert.Equal((limit, limit < 5), (tree!.Tasks.Count, tree.More));
        }
    }

    [Fact]
    public async Task A_ring_of_parents_is_walked_once()
    {
        await Tell(new Life("ring-a").Submit(parent: "ring-b"));
        await Tell(new Life("ring-b").Submit(parent: "ring-a"));
        Assert.Equal(["ring-a", "ring-b"], (await Queries.Tree("ring-a", 100, default))!.Tasks.Select(task => task.TaskId));
    }

    [Fact]
    public async Task A_child_that_is_heard_of_before_its_parent_is_found_below_it()
    {
        await Tell(new Life("early").Submit(parent: "late"));
        await Tell(new Life("late").Submit());
        Assert.Equal(["late", "early"], (await Queries.Tree("late", 100, default))!.Tasks.Select(task => task.TaskId));
    }

    // A family of three generations, handed in from the bottom.
    private async Task PutFamily()
    {
        await Tell(new Life("f-a-1").Submit(parent: "f-a", parameters: "[1]"));
        await Tell(new Life("f-a-2").Submit(parent: "f-a"));
        await Tell(new Life("f-b").Submit(parent: "f").Queue());
        await Tell(new Life("f-a").Submit(parent: "f"));
        await Tell(new Life("f").Submit());
        await Tell(new Life("stranger").Submit(parent: "another"));
    }
}
