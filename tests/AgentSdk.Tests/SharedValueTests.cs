using System.Text.Json;
using A2A.Micro.AgentSdk.Testing;
using A2A.Micro.Contracts.States;

namespace A2A.Micro.AgentSdk.Tests;

/// <summary>What handlers share.</summary>
[Trait("Requirement", "34")]
public sealed class SharedValueTests
{
    [Fact]
    public async Task A_handler_counts_with_others_and_loses_no_step()
    {
        var run = AgentTestKit.Start(new Handler(async (_, context) =>
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => context.State.Sync<int>("count", count => count + 1)));
            return new Answer($"{await context.State.Get<int>("count")}");
        }), new Job { Name = "x" });
        Assert.Equal(new SharedValue<int>(20, 20).ToString(), (await run.Result).Text);
    }

    [Fact]
    public async Task Who_was_slower_is_told()
    {
        var run = AgentTestKit.Start(new Handler(async (_, context) =>
        {
            var of = context.State.Of("parent");
            return new Answer($"{await of.TrySet("leader", "a", 0)} {await of.TrySet("leader", "b", 0)} {(await of.Get<string>("leader")).Value} "
                + $"{(await context.State.Get<string>("leader")).Version}");
        }), new Job { Name = "x" });
        Assert.Equal("True False a 0", (await run.Result).Text);
    }

    [Fact]
    public async Task A_value_that_is_too_large_or_has_no_name_never_leaves_the_agent()
    {
        var run = AgentTestKit.Start(new Handler(async (job, context) =>
        {
            _ = await Assert.ThrowsAsync<ArgumentException>(() => context.State.TrySet("big", new string('x', 70_000), 0));
            _ = await Assert.ThrowsAsync<ArgumentException>(() => context.State.Get<int>("a b"));
            return new Answer("");
        }), new Job { Name = "x" });
        _ = await run.Result;
    }

    [Fact]
    public async Task A_question_is_asked_again_until_it_is_answered_and_an_update_keeps_its_id()
    {
        var world = new World(async (_, context) => new Answer($"{(await context.State.Sync<int>("n", n => n + 1)).Version}"));
        world.Voice.OnAsk = question => question is UpdateState update
            ? new StateUpdated { Applied = true, State = new SharedState { TaskId = update.TaskId, Name = update.Name, Version = 7 } }
            : new StateRead { States = [new SharedState { TaskId = "task-1", Name = "n", Version = 6, Value = JsonSerializer.SerializeToElement(41) }] };
        await world.Give(world.Offer());
        var update = await world.Voice.Next<UpdateState>();
        Assert.Equal((6L, 42, "agent-1"), (update.ExpectedVersion, update.Value!.Value.GetInt32(), update.AgentId));
        Assert.Equal("7", (await world.Voice.Next<Contracts.Tasks.TaskResult>()).Result!.Value.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Who_is_not_known_yet_to_work_on_its_task_asks_again_and_says_by_which_task_it_asks()
    {
        var world = new World(async (_, context) => new Answer($"{await context.State.Of("parent").TrySet("n", 1, 0)}"));
        var asked = 0;
        world.Voice.OnAsk = question => new StateUpdated
        {
            Applied = ++asked > 1,
            State = new SharedState { TaskId = ((UpdateState)question).TaskId, Name = "n", Version = 1 },
            Error = asked > 1 ? null : new Contracts.Tasks.TaskError { Code = "FORBIDDEN", Message = "not known" },
        };
        await world.Give(world.Offer());
        var (first, second) = (await world.Voice.Next<UpdateState>(), await world.Voice.Next<UpdateState>());
        Assert.Equal(("parent", "task-1", first.UpdateId), (first.TaskId, first.WorkingOn, second.UpdateId));
        Assert.Equal("True", (await world.Voice.Next<Contracts.Tasks.TaskResult>()).Result!.Value.GetProperty("text").GetString());
    }

    private sealed class Handler(Func<Job, TaskContext, Task<Answer>> work) : ITaskHandler<Job, Answer>
    {
        public Task<Answer> Handle(Job input, TaskContext context) => work(input, context);
    }
}
