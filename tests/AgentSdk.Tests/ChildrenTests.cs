using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Tests;

/// <summary>Requirement 81: a handler gives parts of its work to others and waits for what they come to.</summary>
public sealed class ChildrenTests
{
    [Fact]
    public async Task A_child_is_handed_in_for_its_parent_with_an_id_that_every_attempt_makes_again()
    {
        var first = await SubmittedIn(attempt: 1);
        var second = await SubmittedIn(attempt: 2);

        Assert.Equal(Children.IdOf("task-1", "part"), first.TaskId);
        Assert.Equal(first.TaskId, second.TaskId);
        Assert.Equal(("task-1", "test.part", "agent-1"), (first.ParentTaskId, first.TaskType, first.RequesterAgentId));
        Assert.Equal("""{"some_size":3}""", first.Parameters!.Value.GetRawText());
        Assert.NotEqual(Children.IdOf("task-1", "part"), Children.IdOf("task-2", "part"));
        Assert.NotEqual(Children.IdOf("task-1", "part"), Children.IdOf("task-1", "other"));
        Assert.True(TaskRules.IsTaskId(first.TaskId));
    }

    [Fact]
    public async Task A_child_has_the_deadline_and_priority_of_its_parent_unless_it_says_otherwise()
    {
        var deadline = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var world = new World(async (job, context) =>
        {
            _ = await context.Children.Submit("plain", "test.part");
            _ = await context.Children.Submit("own", new ChildTask
            {
                TaskType = "test.part",
                Priority = 1,
                Deadline = deadline.AddDays(-1),
                OnParentEnd = ParentEnd.Continue,
            });
            return new Answer("done");
        });
        await world.Give(world.Offer() with { Deadline = deadline, Priority = 4 });
        _ = await world.Voice.Next<TaskResult>();

        Assert.Equal([(4, deadline), (1, deadline.AddDays(-1))], world.Voice.Heard<SubmitTask>().Select(child => (child.Priority, child.Deadline!.Value)));
        Assert.Equal([null, ParentEnd.Continue], world.Voice.Heard<SubmitTask>().Select(child => child.OnParentEnd));
    }

    [Fact]
    public async Task A_handler_that_waits_asks_once_and_is_told()
    {
        var world = new World(Waiting);
        await world.Give(world.Offer());
        var watch = await world.Voice.Next<WatchDependency>();
        Assert.Equal((Children.IdOf("task-1", "part"), "task-1", "agent-1", 1), (watch.TaskId, watch.DependentId, watch.AgentId, watch.Attempt));

        await world.Agent.ChildEnded(Word(watch) with { State = TaskState.Completed, Outputs = Whole(new Answer("a part")) }, default);

        Assert.Equal("a part", (await world.Voice.Next<TaskResult>()).Result!.Value.GetProperty("text").GetString());
        Assert.Single(world.Voice.Heard<WatchDependency>());
    }

    [Fact]
    public async Task A_result_that_was_too_much_for_one_step_is_asked_for_again()
    {
        var world = new World(Waiting);
        await world.Give(world.Offer());
        var watch = await world.Voice.Next<WatchDependency>();

        await world.Agent.ChildEnded(Word(watch) with { State = TaskState.Completed }, default);

        Assert.Equal(watch with { WaitingSince = default, Outputs = null },
            (await world.Voice.Next<WatchDependency>(2)) with { WaitingSince = default, Outputs = null });
        Assert.Empty(world.Voice.Heard<TaskResult>());
    }

    [Fact]
    public async Task A_child_that_fails_fails_its_parent_for_good_and_says_why()
    {
        var world = new World(Waiting);
        await world.Give(world.Offer());
        var watch = await world.Voice.Next<WatchDependency>();

        await world.Agent.ChildEnded(
            Word(watch) with { State = TaskState.Failed, Error = new TaskError { Code = "BAD_INPUT", Message = "no such file" } }, default);

        var error = (await world.Voice.Next<TaskResult>()).Error!;
        Assert.Equal((Child.Failed, false), (error.Code, error.Retryable));
        Assert.Contains("ended failed: BAD_INPUT (no such file)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "did not appear in time")]
    [InlineData(TaskState.Cancelled, "ended cancelled")]
    [InlineData(TaskState.Completed, "completed, but its result nests too deep to be handed over")]
    public async Task A_child_without_a_result_is_named(TaskState? end, string why)
    {
        var world = new World(Waiting);
        await world.Give(world.Offer());
        var watch = await world.Voice.Next<WatchDependency>();

        await world.Agent.ChildEnded(Word(watch) with { State = end, Outputs = new Dictionary<string, JsonElement>() }, default);

        Assert.Contains(why, (await world.Voice.Next<TaskResult>()).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_word_to_another_attempt_wakes_nobody()
    {
        var world = new World(Waiting);
        await world.Give(world.Offer(attempt: 2));
        var watch = await world.Voice.Next<WatchDependency>();
        var word = Word(watch) with { State = TaskState.Completed, Outputs = Whole(new Answer("of attempt 1")) };

        await world.Agent.ChildEnded(word with { Attempt = 1 }, default);
        await world.Agent.ChildEnded(word with { Attempt = 2, Outputs = Whole(new Answer("of attempt 2")) }, default);

        Assert.Equal("of attempt 2", (await world.Voice.Next<TaskResult>()).Result!.Value.GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_handler_that_is_cancelled_stops_waiting()
    {
        var world = new World(Waiting);
        await world.Give(world.Offer());
        _ = await world.Voice.Next<WatchDependency>();

        await world.Cancel();

        Assert.Equal("c-1", (await world.Voice.Next<ControlAcknowledged>()).CommandId);
        Assert.Empty(world.Voice.Heard<TaskResult>());
    }

    [Fact]
    public async Task An_agent_that_waits_goes_on_renewing_its_lease()
    {
        var world = new World(Waiting);
        await world.Give(world.Offer());
        _ = await world.Voice.Next<WatchDependency>();

        await world.Agent.Beat(default);

        Assert.Equal(("task-1", 1), (world.Voice.Heard<Contracts.Agents.AgentHeartbeat>().Single().Running!.Single().TaskId,
            world.Voice.Heard<Contracts.Agents.AgentHeartbeat>().Single().Running!.Single().Attempt));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        var refused = new TaskCompletionSource<Exception>();
        var world = new World(async (job, context) =>
        {
            refused.SetResult(await Assert.ThrowsAsync<ArgumentException>(() => context.Children.Submit(name, "test.part")));
            return new Answer("done");
        });
        await world.Give(world.Offer());
        Assert.Contains("1 to 64", (await refused.Task).Message, StringComparison.Ordinal);
    }

    private static async Task<SubmitTask> SubmittedIn(int attempt)
    {
        var world = new World(async (job, context) =>
        {
            _ = await context.Children.Submit("part", "test.part", new { SomeSize = 3 });
            return new Answer("done");
        });
        await world.Give(world.Offer(attempt: attempt));
        return await world.Voice.Next<SubmitTask>();
    }

    private static async Task<Answer> Waiting(Job job, TaskContext context)
    {
        var child = await context.Children.Submit("part", "test.part");
        return await child.Result<Answer>();
    }

    private static DependencySettled Word(WatchDependency watch) => new()
    {
        TaskId = watch.DependentId,
        DependencyId = watch.TaskId,
        AgentId = watch.AgentId,
        Attempt = watch.Attempt,
        HasStarted = true,
    };

    private static Dictionary<string, JsonElement> Whole(Answer result) =>
        new() { [""] = JsonSerializer.SerializeToElement(result, Contracts.Wire.WireJson.Options) };
}
