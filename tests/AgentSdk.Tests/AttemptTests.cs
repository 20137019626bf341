using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Tests;

[Trait("Requirement", "77")]
public sealed class AttemptTests
{
    [Fact]
    public async Task What_is_done_at_once_says_so_instead_of_saying_yes()
    {
        var world = new World((job, _) => Task.FromResult(new Answer("hello " + job.Name)));
        world.Options.AcceptWithin = TimeSpan.FromMilliseconds(5);
        await world.Give(world.Offer());
        _ = Assert.IsType<TaskResult>(Assert.Single(world.Voice.Said));
    }

    [Fact]
    public async Task An_offer_is_accepted_while_its_handler_computes_without_a_pause()
    {
        using var done = new ManualResetEventSlim();
        var world = new World((_, _) =>
        {
            done.Wait();
            return Task.FromResult(new Answer("at last"));
        });
        world.Options.AcceptWithin = TimeSpan.FromMilliseconds(5);
        var given = world.Give(world.Offer());
        await Eventually.True(() => world.Clock.ArmedTimers == 1, "the moment runs");
        world.Clock.Advance(TimeSpan.FromMilliseconds(5));
        _ = await world.Voice.Next<TaskAccepted>();
        await given;
        done.Set();
        _ = await world.Voice.Next<TaskResult>();
    }

    [Fact]
    public async Task The_acceptance_is_said_before_the_result()
    {
        var go = new TaskCompletionSource();
        var world = new World(async (job, _) =>
        {
            await go.Task;
            return new Answer("hello " + job.Name);
        });
        await world.Give(world.Offer());
        go.SetResult();
        var result = await world.Voice.Next<TaskResult>();
        Assert.IsType<TaskAccepted>(world.Voice.Said[0]);
        Assert.Equal(TaskState.Completed, result.Status);
        Assert.Equal("hello x", result.Result!.Value.GetProperty("text").GetString());
        Assert.True(result.ExecutionMetadata!.Value.TryGetProperty("duration_ms", out _));
    }

    [Fact]
    public async Task An_offer_delivered_twice_runs_once_and_is_answered_twice()
    {
        var runs = 0;
        var world = new World((_, _) => Task.FromResult(new Answer("run " + Interlocked.Increment(ref runs))));
        await world.Give(world.Offer());
        _ = await world.Voice.Next<TaskResult>();
        await world.Give(world.Offer());
        _ = await world.Voice.Next<TaskAccepted>(2);
        Assert.Equal(1, runs);
        Assert.Single(world.Voice.Heard<TaskResult>());
    }

    [Fact]
    public async Task An_offer_delivered_twice_at_the_same_time_takes_one_slot()
    {
        var world = new World(World.Endless);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => world.Give(world.Offer()))));
        Assert.Equal(1, world.Agent.Busy);
        Assert.Empty(world.Voice.Heard<TaskRejected>());
    }

    [Fact]
    public async Task An_offer_that_has_expired_is_not_answered()
    {
        var world = new World(World.Endless);
        await world.Give(world.Offer() with { OfferedUntil = world.Clock.GetUtcNow() });
        Assert.Empty(world.Voice.Said);
    }

    [Fact]
    public async Task Parameters_that_do_not_bind_are_rejected_with_their_path()
    {
        var world = new World(World.Endless);
        await world.Give(world.Offer(parameters: """{"name":"x","size":"large"}"""));
        var rejected = await world.Voice.Next<TaskRejected>();
        Assert.Equal(RejectionReason.InvalidParameters, rejected.Code);
        Assert.Equal("#/parameters/size: must be a whole number, not a text", rejected.Reason);
    }

    [Theory]
    [InlineData("""{"size":1}""")]
    [InlineData("""{"name":null}""")]
    [InlineData("null")]
    [InlineData("[]")]
    public async Task Parameters_without_what_is_required_are_rejected(string parameters)
    {
        var world = new World(World.Endless);
        await world.Give(world.Offer(parameters: parameters));
        Assert.Equal(RejectionReason.InvalidParameters, (await world.Voice.Next<TaskRejected>()).Code);
    }

    [Fact]
    public async Task A_slot_is_free_again_before_the_result_can_be_seen()
    {
        var world = new World((_, _) => Task.FromResult(new Answer("done")), slots: 1);
        await world.Give(world.Offer());
        _ = await world.Voice.Next<TaskResult>();
        Assert.Equal(0, world.Agent.Busy);
    }

    [Fact]
    public async Task A_full_agent_rejects_and_says_the_same_again_later()
    {
        var world = new World(World.Endless, slots: 1);
        await world.Give(world.Offer());
        await world.Give(world.Offer("task-2"));
        await world.Cancel();
        _ = await world.Voice.Next<ControlAcknowledged>();
        await world.Give(world.Offer("task-2"));
        Assert.All(world.Voice.Heard<TaskRejected>(), no => Assert.Equal(RejectionReason.CapacityExceeded, no.Code));
        Assert.Equal(2, world.Voice.Heard<TaskRejected>().Count);
    }

    public static TheoryData<Exception, string, bool> Faults => new()
    {
        { new TaskFailedException("NO_DISK", "no", true), "NO_DISK", true },
        { new TaskRejectedException(RejectionReason.InvalidParameters, "no"), "INVALID_PARAMETERS", false },
        { new TaskRejectedException(RejectionReason.ResourceUnavailable, "no"), "RESOURCE_UNAVAILABLE", true },
        { new InvalidOperationException(new string('ü', 5000)), "HANDLER_FAILED", true },
        { new OperationCanceledException(), "HANDLER_FAILED", true },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_a_handler_throws_becomes_a_failure(Exception fault, string code, bool retryable)
    {
        var world = new World((_, _) => Task.FromException<Answer>(fault));
        await world.Give(world.Offer());
        var error = (await world.Voice.Next<TaskResult>()).Error!;
        Assert.Equal((code, retryable), (error.Code, error.Retryable));
        Assert.True(System.Text.Encoding.UTF8.GetByteCount(error.Message) <= 2048);
    }

    [Fact]
    public async Task A_deadline_stops_the_work_and_is_reported()
    {
        var world = new World(World.Endless);
        await world.Give(world.Offer() with { Deadline = world.Clock.GetUtcNow().AddSeconds(5) });
        await Eventually.True(() => world.Clock.ArmedTimers > 0, "the deadline is guarded");
        world.Clock.Advance(TimeSpan.FromSeconds(6));
        var error = (await world.Voice.Next<TaskResult>()).Error!;
        Assert.Equal(("DEADLINE_EXCEEDED", false), (error.Code, error.Retryable));
    }

    [Fact]
    public async Task A_result_is_sent_again_until_the_broker_takes_it()
    {
        var go = new TaskCompletionSource();
        var world = new World(async (_, _) =>
        {
            await go.Task;
            return new Answer("done");
        });
        await world.Give(world.Offer());
        world.Voice.FailNext(3);
        go.SetResult();
        foreach (var wait in (double[])[0.2, 0.4, 0.8])
        {
            await Eventually.True(() => world.Clock.ArmedTimers == 1, "it waits to try again");
            world.Clock.Advance(TimeSpan.FromSeconds(wait));
        }

        Assert.Equal(TaskState.Completed, (await world.Voice.Next<TaskResult>()).Status);
    }

    [Fact]
    public async Task A_late_answer_is_not_lost_when_the_broker_is_away()
    {
        var world = new World((_, _) => Task.FromResult(new Answer("done")));
        world.Voice.FailNext(1);
        var giving = world.Give(world.Offer());
        await Eventually.True(() => world.Clock.ArmedTimers == 1, "it waits to try again");
        Assert.False(giving.IsCompleted);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await giving;
        Assert.IsType<TaskAccepted>(world.Voice.Said[0]);
    }
}
