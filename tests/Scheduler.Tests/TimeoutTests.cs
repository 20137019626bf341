using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Time that counts from when a task may start: what it waits for before takes nothing off it (requirements 15, 85).</summary>
[Trait("Requirement", "15")]
[Trait("Requirement", "85")]
public sealed class TimeoutTests(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    private DateTimeOffset Now => scheduler.Clock.GetUtcNow();

    [Fact]
    public async Task A_task_that_waits_longer_than_its_timeout_has_all_of_it_when_it_may_start()
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = "patient", TaskType = "a.b", TimeoutS = 60, Dependencies = [new() { TaskId = "before" }] });
        scheduler.Clock.Advance(TimeSpan.FromMinutes(10));

        var said = await scheduler.Hear(Done("patient", "before"));

        var asked = Assert.Single(said.OfType<AllocateResources>());
        Assert.Equal(Now.AddSeconds(60), asked.Deadline);
        var saga = await scheduler.Find("patient");
        Assert.Equal(("queued", Now.AddSeconds(60)), (saga!.State, saga.Deadline));
        _ = await scheduler.Hear(new Tasks.TaskDue { SagaId = Contracts.Wire.TaskKey.Of("patient"), Now = Now.AddSeconds(60) });
        Assert.Equal("expired", (await scheduler.Find("patient"))!.State);
    }

    [Fact]
    public async Task The_timeout_of_a_class_does_not_end_what_comes_later()
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = "tomorrow", TaskType = "simple.greeting", NotBefore = Now.AddDays(1) });

        var saga = await scheduler.Find("tomorrow");

        Assert.Equal(("blocked", null, 300.0), (saga!.State, saga.Deadline, saga.Task.TimeoutS));
    }

    [Fact]
    public async Task A_deadline_that_is_set_while_it_waits_counts_instead()
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = "changed", TaskType = "a.b", TimeoutS = 60, Dependencies = [new() { TaskId = "before" }] });
        var deadline = Now.AddDays(2);
        _ = await scheduler.Hear(Amend("changed", new TaskAmendment { Deadline = deadline }));

        _ = await scheduler.Hear(Done("changed", "before"));

        Assert.Equal(deadline, (await scheduler.Find("changed"))!.Deadline);
    }

    [Fact]
    public async Task A_task_whose_deadline_was_taken_away_has_none_when_it_starts()
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = "free", TaskType = "a.b", TimeoutS = 60, Dependencies = [new() { TaskId = "before" }] });
        _ = await scheduler.Hear(Amend("free", new TaskAmendment { NoDeadline = true }));

        _ = await scheduler.Hear(Done("free", "before"));

        Assert.Equal(("queued", null), ((await scheduler.Find("free"))!.State, (await scheduler.Find("free"))!.Deadline));
    }

    [Fact]
    public async Task The_clock_starts_once_and_a_second_attempt_has_what_is_left()
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = "twice", TaskType = "a.b", TimeoutS = 60 });
        var first = (await scheduler.Find("twice"))!.Deadline;
        Assert.Equal(Now.AddSeconds(60), first);
        scheduler.Clock.Advance(TimeSpan.FromSeconds(20));

        _ = await scheduler.Hear(new RequeueTask { TaskId = "twice", CommandId = "again" });

        Assert.Equal((2, first), ((await scheduler.Find("twice"))!.Attempt, (await scheduler.Find("twice"))!.Deadline));
    }

    private static DependencySettled Done(string task, string dependency) =>
        new() { TaskId = task, DependencyId = dependency, State = TaskState.Completed, HasStarted = true };

    private static AmendTask Amend(string task, TaskAmendment amendment) =>
        new() { TaskId = task, CommandId = "amend-" + task, Amendment = amendment };
}
