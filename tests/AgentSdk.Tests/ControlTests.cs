using System.Text.Json;
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

    [Fact]
    public async Task A_pause_is_confirmed_at_once_and_acknowledged_with_the_token_when_the_handler_has_stopped()
    {
        var world = new World(async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.PauseToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.PauseAt("row 7", 0.5);
            return new Answer("never");
        });
        await world.Give(world.Offer());
        await world.Pause();
        var applied = await world.Voice.Next<ControlAcknowledged>(2);
        var heard = world.Voice.Heard<ControlAcknowledged>()[0];
        Assert.Equal(("p-1", "accepted", 1), (heard.CommandId, heard.Status, heard.Attempt));
        Assert.Equal(("p-1", "applied", "row 7", "agent-1"), (applied.CommandId, applied.Status, applied.ResumeToken, applied.AgentId));
        var saved = Assert.Single(world.Voice.Heard<TaskCheckpoint>());
        Assert.Equal(("row 7", 1), (saved.ResumeToken, saved.Number));
        Assert.True(applied.Number > saved.Number);
        await Eventually.True(() => world.Agent.Busy == 0, "the slot is free");
        Assert.Empty(world.Voice.Heard<TaskResult>());
    }

    [Fact]
    public async Task A_handler_that_only_hands_its_pause_token_on_stops_at_its_last_checkpoint()
    {
        var world = new World(async (_, context) =>
        {
            await context.Checkpoint("row 3", 0.3);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.PauseToken);
            return new Answer("never");
        });
        await world.Give(world.Offer());
        _ = await world.Voice.Next<TaskPartial>();
        await world.Pause();
        var applied = await world.Voice.Next<ControlAcknowledged>(2);
        Assert.Equal(("applied", null), (applied.Status, applied.ResumeToken));
    }

    [Fact]
    public async Task A_result_that_is_ready_when_the_pause_comes_is_reported_instead()
    {
        var world = new World(async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.PauseToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new Answer("done");
        });
        await world.Give(world.Offer());
        await world.Pause();
        Assert.Equal(TaskState.Completed, (await world.Voice.Next<TaskResult>()).Status);
        Assert.DoesNotContain(world.Voice.Heard<ControlAcknowledged>(), ack => ack.Status == "applied");
    }

    [Fact]
    public async Task A_cancel_outweighs_a_pause()
    {
        var world = new World(async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.PauseAt("row 7", 0.5);
            return new Answer("never");
        });
        await world.Give(world.Offer());
        await world.Pause();
        await world.Cancel();
        Assert.Equal(("c-1", "applied"), await Last(world));

        static async Task<(string, string)> Last(World world) =>
            await world.Voice.Next<ControlAcknowledged>(2) is var ack ? (ack.CommandId, ack.Status) : default;
    }

    [Fact]
    public async Task A_pause_of_what_does_not_run_here_is_met_with_silence()
    {
        var world = new World(World.Endless);
        await world.Pause("nobody");
        Assert.Empty(world.Voice.Said);
    }

    [Fact]
    public async Task A_kept_slot_stays_taken_until_the_task_goes_on_in_it_from_its_token()
    {
        var tokens = new List<string?>();
        var world = new World(async (_, context) =>
        {
            lock (tokens) { tokens.Add(context.ResumeToken); }
            if (context.ResumeToken is not null) { return new Answer("done"); }
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.PauseToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.PauseAt("row 7", 0.5);
            return new Answer("never");
        }, slots: 1);
        await world.Give(world.Offer());
        await world.Pause(keep: true);
        _ = await world.Voice.Next<ControlAcknowledged>(2);
        await world.Give(world.Offer("another"));
        Assert.Equal("another", (await world.Voice.Next<TaskRejected>()).TaskId);

        world.Agent.Resume(new ResumeTask { TaskId = "task-1", CommandId = "r-1", Attempt = 1, Checkpoint = "row 7" });

        Assert.Equal(TaskState.Completed, (await world.Voice.Next<TaskResult>()).Status);
        Assert.Equal([null, "row 7"], tokens);
        Assert.Equal(2, world.Voice.Heard<TaskAccepted>().Count);
    }

    [Fact]
    public async Task A_kept_slot_is_free_when_the_task_is_withdrawn()
    {
        var world = new World(async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.PauseToken);
            return new Answer("never");
        });
        await world.Give(world.Offer());
        await world.Pause(keep: true);
        _ = await world.Voice.Next<ControlAcknowledged>(2);
        await Eventually.True(() => world.Agent.Busy == 1, "it is parked");
        world.Agent.Withdraw(new TaskWithdrawn { TaskId = "task-1", Attempt = 1, Reason = "CANCELLED" });
        Assert.Equal(0, world.Agent.Busy);
        world.Agent.Resume(new ResumeTask { TaskId = "task-1", CommandId = "r-1", Attempt = 1 });
        Assert.Equal(0, world.Agent.Busy);
    }

    [Fact]
    public async Task A_question_waits_for_its_answer_and_the_work_goes_on()
    {
        var world = new World(async (_, context) => new Answer(await context.Ask<string>("colour", "Which colour?", "text")));
        await world.Give(world.Offer());
        var asked = (await world.Voice.Next<RequireInput>()).Question;
        Assert.Equal(("colour", "Which colour?", "text", "string"),
            (asked.Key, asked.Question, asked.InputKind, asked.Schema!.Value.GetProperty("type").GetString()));
        world.Agent.Answer(new ProvideInput
        {
            TaskId = "task-1",
            CommandId = "i-1",
            Attempt = 1,
            Key = "colour",
            Input = JsonSerializer.SerializeToElement("red"),
        });
        Assert.Equal("red", (await world.Voice.Next<TaskResult>()).Result!.Value.GetProperty("text").GetString());
    }

    [Fact]
    public async Task What_an_earlier_attempt_was_answered_is_not_asked_again()
    {
        var world = new World(async (_, context) => new Answer(await context.Ask<string>("colour", "Which colour?")));
        await world.Give(world.Offer(attempt: 2) with { Inputs = JsonSerializer.SerializeToElement(new { colour = "blue" }) });
        Assert.Equal("blue", (await world.Voice.Next<TaskResult>()).Result!.Value.GetProperty("text").GetString());
        Assert.Empty(world.Voice.Heard<RequireInput>());
    }

    [Fact]
    public async Task An_answer_that_does_not_fit_fails_the_task_for_good()
    {
        var world = new World(async (_, context) => new Answer($"{await context.Ask<int>("count", "How many?")}"));
        await world.Give(world.Offer() with { Inputs = JsonSerializer.SerializeToElement(new { count = "many" }) });
        var error = (await world.Voice.Next<TaskResult>()).Error!;
        Assert.Equal(("INVALID_INPUT", false), (error.Code, error.Retryable));
    }
}
