using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Tests;

public sealed class ProgressTests
{
    [Fact]
    public async Task A_flood_of_progress_is_thinned_and_the_last_word_goes_before_the_result()
    {
        var world = new World((_, context) =>
        {
            for (var step = 0; step <= 10_000; step++) { context.Progress(step / 10_000.0, $"step {step}"); }
            return Task.FromResult(new Answer("done"));
        });
        await world.Give(world.Offer());
        _ = await world.Voice.Next<TaskResult>();
        var updates = world.Voice.Heard<TaskStatusUpdate>();
        Assert.InRange(updates.Count, 1, 3);
        Assert.Equal((1.0, "step 10000"), (updates[^1].Progress, updates[^1].ProgressMessage));
        Assert.IsType<TaskResult>(world.Voice.Said[^1]);
    }

    [Fact]
    public async Task Progress_never_goes_back()
    {
        var world = new World((_, context) =>
        {
            context.Progress(0.7);
            context.Progress(0.2, "again");
            return Task.FromResult(new Answer("done"));
        });
        await world.Give(world.Offer());
        _ = await world.Voice.Next<TaskResult>();
        Assert.Equal(0.7, world.Voice.Heard<TaskStatusUpdate>()[^1].Progress);
    }

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public async Task Progress_outside_its_range_is_the_handlers_fault(double fraction)
    {
        var world = new World((_, context) =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => context.Progress(fraction));
            return Task.FromResult(new Answer("thrown"));
        });
        await world.Give(world.Offer());
        Assert.Equal(TaskState.Completed, (await world.Voice.Next<TaskResult>()).Status);
    }

    [Fact]
    public async Task A_broker_that_hangs_does_not_hold_up_the_handler()
    {
        var done = new TaskCompletionSource();
        var world = default(World)!;
        world = new World((_, context) =>
        {
            world.Voice.Hang();
            for (var step = 0; step < 1000; step++) { context.Progress(step / 1000.0); }
            done.SetResult();
            return Task.FromResult(new Answer("done"));
        });
        await world.Give(world.Offer());
        await done.Task.WaitAsync(Eventually.Patience);
        world.Voice.Recover();
        Assert.Equal(TaskState.Completed, (await world.Voice.Next<TaskResult>()).Status);
    }

    [Fact]
    public async Task Partial_results_are_numbered_within_their_attempt()
    {
        var world = new World(async (_, context) =>
        {
            foreach (var step in Enumerable.Range(1, 3)) { await context.Partial(new Answer($"{step}"), step / 4.0); }
            return new Answer("whole");
        });
        await world.Give(world.Offer());
        _ = await world.Voice.Next<TaskResult>();
        Assert.Equal([1, 2, 3], world.Voice.Heard<TaskPartial>().Select(partial => partial.Number!.Value));
    }

    [Fact]
    public async Task A_partial_result_carries_its_token()
    {
        var world = new World(async (_, context) =>
        {
            await context.Partial(new Answer("half"), 0.5, "row 500");
            return new Answer("whole");
        });
        await world.Give(world.Offer());
        _ = await world.Voice.Next<TaskResult>();
        var partial = Assert.Single(world.Voice.Heard<TaskPartial>());
        Assert.Equal((0.5, true, "row 500"), (partial.CompletedPortion, partial.CanResume, partial.ResumeToken));
    }
}
