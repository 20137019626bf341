using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Tests;

public sealed class ControlTests
{
    [Fact]
    public async Task A_cancel_is_acknowledged_when_the_handler_has_stopped_and_no_result_follows()
    {
        var release = new TaskCompletionSource();
        var stopping = new TaskCompletionSource<CancelReason>();
        var world = new World(async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stopping.SetResult(context.CancelReason);
            await release.Task;
            return new Answer("finished after all");
        });
        await world.Give(world.Offer());
        await world.Cancel();
        Assert.Equal(CancelReason.UserCancel, await stopping.Task);
        Assert.Empty(world.Voice.Heard<ControlAcknowledged>());
        release.SetResult();
        var ack = await world.Voice.Next<ControlAcknowledged>();
        Assert.Equal(
            ("c-1", "applied", "task-1", 1, "agent-1"), (ack.CommandId, ack.Status, ack.TaskId, ack.Attempt, ack.AgentId));
        _ = await world.Agent.Abandon(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Empty(world.Voice.Heard<TaskResult>());
    }

    [Fact]
    public async Task A_cancel_of_what_does_not_run_here_is_acknowledged_at_once()
    {
        var world = new World(World.Endless);
        await world.Cancel("nobody", 7);
        Assert.Equal(7, Assert.Single(world.Voice.Heard<ControlAcknowledged>()).Attempt);
    }

    [Fact]
    public async Task A_cancel_of_another_attempt_does_not_touch_the_one_that_runs()
    {
        var world = new World(World.Endless);
        await world.Give(world.Offer(attempt: 2));
        await world.Cancel(attempt: 1);
        Assert.Single(world.Voice.Heard<ControlAcknowledged>());
        Assert.Equal(1, world.Agent.Busy);
    }

    [Fact]
    public async Task Two_cancel_commands_get_one_acknowledgement_each()
    {
        var world = new World(World.Endless);
        await world.Give(world.Offer());
        await world.Cancel(command: "c-1");
        await world.Cancel(command: "c-2");
        _ = await world.Voice.Next<ControlAcknowledged>(2);
        Assert.Equal(["c-1", "c-2"], world.Voice.Heard<ControlAcknowledged>().Select(ack => ack.CommandId).Order());
    }

    [Fact]
    public async Task A_withdrawn_attempt_stops_without_a_word()
    {
        var world = new World(World.Endless);
        await world.Give(world.Offer());
        world.Agent.Withdraw(new TaskWithdrawn { TaskId = "task-1", Attempt = 1, Reason = "expired" });
        await Eventually.True(() => world.Agent.Busy == 0, "the handler stopped");
        Assert.IsType<TaskAccepted>(Assert.Single(world.Voice.Said));
    }
}
