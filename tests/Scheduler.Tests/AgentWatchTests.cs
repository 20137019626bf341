using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>What an agent that waits for other tasks is told, and what it is not.</summary>
[Trait("Requirement", "81")]
public sealed class AgentWatchTests(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_agent_that_waits_is_told_of_the_end_with_result_or_error()
    {
        await Submit("boss");
        await Submit("done", "boss");
        await Submit("broken", "boss");
        await scheduler.Hear(Allocated("boss") with { AgentId = "agent-9" });
        foreach (var id in new[] { "done", "broken" }) { Assert.Empty(await Said(Wait(id, 1))); }
        _ = await scheduler.Hear(new CancelTask { TaskId = "broken", CommandId = "c" });
        await scheduler.Hear(Allocated("done"));

        var said = await Said(new TaskResult
        {
            TaskId = "done",
            Attempt = 1,
            ExecutorAgentId = "agent-1",
            Status = TaskState.Completed,
            CompletedAt = Noon,
            Result = JsonSerializer.SerializeToElement(new { rows = 3 }),
        });

        var word = Assert.Single(said);
        Assert.Equal(("boss", "done", "agent-9", 1, TaskState.Completed), (word.TaskId, word.DependencyId, word.AgentId, word.Attempt, word.State));
        Assert.Equal("""{"rows":3}""", word.Outputs![""].GetRawText());
        // Whoever asks after the end is told at once.
        _ = await scheduler.Hear(new RequeueTask { TaskId = "boss", CommandId = "again" });
        await scheduler.Hear(Allocated("boss") with { AgentId = "agent-9", Attempt = 2 });
        var late = Assert.Single(await Said(Wait("broken", 2)));
        Assert.Equal((TaskState.Cancelled, 2), (late.State, late.Attempt));
    }

    [Fact]
    [Trait("Requirement", "59")]
    public async Task An_agent_is_told_of_the_children_of_the_task_that_it_works_on_and_of_no_other_task()
    {
        await Submit("mine");
        await Submit("mine-too");
        await Submit("kid", "mine");
        await Submit("alien");
        await scheduler.Hear(Allocated("mine") with { AgentId = "agent-9" });
        await scheduler.Hear(Allocated("mine-too") with { AgentId = "agent-9" });
        foreach (var id in new[] { "kid", "alien" })
        {
            await scheduler.Hear(Allocated(id));
            await scheduler.Hear(Completed(id));
        }

        var right = Wait("kid", 1) with { DependentId = "mine" };
        Assert.Equal("""{"rows":3}""", Assert.Single(await Said(right)).Outputs![""].GetRawText());
        var lies = new[]
        {
            right with { AgentId = "agent-8" }, right with { Attempt = 2 }, right with { Attempt = null }, right with { DependentId = "mine-too" },
            right with { DependentId = "nobody" }, right with { DependentId = "kid" }, right with { AgentId = "no name" },
            right with { TaskId = "alien" }, right with { TaskId = "alien", DependentId = "alien" }, right with { TaskId = "mine", DependentId = "mine" },
        };
        foreach (var lie in lies) { Assert.Empty((await scheduler.Hear(lie)).OfType<DependencySettled>()); }
        var refused = new List<string>();
        foreach (var id in new[] { "kid", "alien", "mine" }) { refused.AddRange((await scheduler.Find(id))!.Refused); }
        Assert.Equal(lies.Length, refused.Count(line => line == "WatchDependency refused: " + RefusalReason.NotOwner.Word()));
    }

    [Theory]
    [Trait("Requirement", "59")]
    [InlineData("lead", true)]
    [InlineData(null, false)]
    public async Task An_agent_that_asks_before_the_child_is_there_is_told_if_it_becomes_its_tasks_own(string? parent, bool told)
    {
        var (id, lead) = ("unborn-" + told, "lead-" + told);
        await Submit(lead);
        await scheduler.Hear(Allocated(lead) with { AgentId = "agent-9" });
        Assert.Empty(await Said(Wait(id, 1) with { DependentId = lead }));
        await Submit(id, parent is null ? null : lead);
        await scheduler.Hear(Allocated(id));
        Assert.Equal(told ? 1 : 0, (await Said(Completed(id))).Count);
        Assert.Equal(told ? 0 : 1, (await scheduler.Find(id))!.Refused.Count);
    }

    [Fact]
    public void The_attempt_of_today_is_told_and_not_the_one_before()
    {
        var saga = new TaskSaga { TaskId = "t", State = "running" };
        foreach (var attempt in new[] { 1, 3, 2 }) { (saga.Watchers, _) = Watching.Ask(saga, Wait("t", attempt)); }
        saga.State = "failed";
        saga.Error = new TaskError { Code = "BAD", Message = "no" };

        var word = Assert.Single(Watching.Tell(saga).Words);

        Assert.Equal((3, "BAD"), (word.Attempt, word.Error!.Code));
    }

    private static WatchDependency Wait(string id, int attempt) =>
        new() { TaskId = id, DependentId = "boss", WaitingSince = Noon, Outputs = [""], AgentId = "agent-9", Attempt = attempt };

    private static TaskResult Completed(string id) => new()
    {
        TaskId = id,
        Attempt = 1,
        ExecutorAgentId = "agent-1",
        Status = TaskState.Completed,
        CompletedAt = Noon,
        Result = JsonSerializer.SerializeToElement(new { rows = 3 }),
    };

    private static Contracts.Resources.ResourcesAllocated Allocated(string id) =>
        new() { TaskId = id, Attempt = 1, AgentId = "agent-1", Resources = [] };

    private async Task<IReadOnlyList<DependencySettled>> Said(object message) =>
        [.. (await scheduler.Hear(message)).OfType<DependencySettled>().Where(word => word.AgentId is not null)];

    private async Task Submit(string id, string? parent = null, string state = "queued")
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = id, TaskType = "data.analysis", ParentTaskId = parent });
        await Comes(id, state);
    }

    private Task Comes(string id, string state) => Eventually.Seen(
        async _ => (await scheduler.Find(id))!.State, seen => seen == state, $"{id} is {state}");
}
