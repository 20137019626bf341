using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>What StateSync lacks is said again.</summary>
[Trait("Requirement", "2")]
public sealed class StepsTests(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    [Theory]
    [InlineData(2, 2L, "2")]
    [InlineData(1, null, "1 2 3 4")]
    [InlineData(3, 9L, "3 4")]
    [InlineData(5, null, "")]
    [InlineData(1, 0L, "")]
    public async Task Steps_that_are_wanted_are_said_as_they_were_and_no_others(int from, long? to, string said)
    {
        var taskId = $"steps-{from}-{to}";
        var first = await scheduler.Hear(new SubmitTask { TaskId = taskId, TaskType = "data.analysis" });
        var held = await scheduler.Hear(new HoldTask { TaskId = taskId, CommandId = "h" });
        var freed = await scheduler.Hear(new CancelTask { TaskId = taskId, CommandId = "c" });
        TaskTransitioned[] before = [.. first.Concat(held).Concat(freed).OfType<TaskTransitioned>()];
        Assert.Equal(before.Length, (await scheduler.Find(taskId))!.Sequence);

        var again = await scheduler.Hear(new StepsWanted
        {
            TaskId = taskId,
            From = from,
            To = to,
            Until = scheduler.Clock.GetUtcNow().AddMinutes(1),
        }, Endpoints.Repairs);

        Assert.Equal(said, string.Join(' ', again.OfType<TaskTransitioned>().Select(step => step.Sequence)));
        Assert.All(again.OfType<TaskTransitioned>(), step => Assert.Equal(before.Single(one => one.Sequence == step.Sequence), step));
    }

    [Fact]
    public async Task About_a_task_that_nobody_knows_nothing_is_said() => Assert.Empty(
        await scheduler.Hear(new StepsWanted { TaskId = "nobody", From = 1, Until = scheduler.Clock.GetUtcNow() }, Endpoints.Repairs));
}
