using A2A.Micro.AgentSdk.Presence;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using Microsoft.Extensions.Logging.Abstractions;

namespace A2A.Micro.AgentSdk.Tests;

[Trait("Requirement", "72")]
public sealed class PresenceTests : IDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly World world = new(World.Endless);

    public void Dispose() => end.Dispose();

    [Fact]
    public async Task It_announces_its_types_with_their_schemas()
    {
        await world.Agent.Announce(CancellationToken.None);
        var announced = Assert.Single(world.Voice.Heard<AnnounceAgent>());
        var capability = Assert.Single(announced.Capabilities);
        Assert.Equal("test.work", capability.TaskType);
        Assert.Equal("name", capability.ParametersSchema!.Value.GetProperty("required")[0].GetString());
        Assert.Equal((world.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10, announced.Incarnation);
    }

    [Fact]
    public async Task A_heartbeat_every_five_seconds_names_what_runs_when_that_has_changed_and_every_third_time()
    {
        await world.Give(world.Offer());
        var loop = Start();
        for (var beat = 1; beat <= 4; beat++)
        {
            _ = await world.Voice.Next<AgentHeartbeat>(beat);
            await Eventually.True(() => world.Clock.ArmedTimers == 1, "it waits for the next beat");
            world.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        world.Agent.Withdraw(new TaskWithdrawn { TaskId = "task-1", Attempt = 1, Reason = "a test" });
        await Eventually.True(() => world.Agent.Busy == 0, "it obeys");
        _ = await world.Voice.Next<AgentHeartbeat>(5);
        await Eventually.True(() => world.Clock.ArmedTimers == 1, "it waits for the next beat");
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        _ = await world.Voice.Next<AgentHeartbeat>(6);
        Assert.Equal(["task-1", null, null, "task-1"],
            world.Voice.Heard<AgentHeartbeat>().Take(4).Select(beat => beat.Running?.Single().TaskId));
        Assert.Contains(world.Voice.Heard<AgentHeartbeat>().Skip(4), beat => beat.Running is { Count: 0 });
        await end.CancelAsync();
        await loop;
    }

    [Fact]
    public async Task An_agent_that_cannot_renew_stops_everything_and_comes_back_as_a_new_incarnation()
    {
        await world.Give(world.Offer());
        var loop = Start();
        _ = await world.Voice.Next<AgentHeartbeat>();
        var first = world.Agent.Incarnation;
        world.Voice.Hang();
        await PassUntil(() => world.Agent.Busy == 0, TimeSpan.FromSeconds(15));
        world.Voice.Recover();
        await PassUntil(() => world.Voice.Heard<AnnounceAgent>().Count >= 2, TimeSpan.FromMinutes(2));
        Assert.True(world.Voice.Heard<AnnounceAgent>()[^1].Incarnation > first);
        Assert.Empty(world.Voice.Heard<TaskResult>());
        Assert.Empty(world.Voice.Heard<ControlAcknowledged>());
        await end.CancelAsync();
        await loop;
    }

    [Fact]
    public void A_confirmation_that_comes_late_renews_from_when_the_heartbeat_was_sent()
    {
        var lease = new Lease(TimeSpan.FromSeconds(15), world.Clock);
        var sentAt = world.Clock.GetTimestamp();
        world.Clock.Advance(TimeSpan.FromSeconds(10));
        lease.Renew(sentAt);
        Assert.Equal(TimeSpan.FromSeconds(5), lease.Left(world.Clock.GetTimestamp()));
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, lease.Left(world.Clock.GetTimestamp()));
    }

    [Fact]
    public async Task A_draining_agent_takes_nothing_new_and_lets_what_runs_finish()
    {
        var told = new TaskCompletionSource();
        var draining = new World(async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.ShutdownToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await told.Task;
            return new Answer(context.CancelReason.ToString());
        });
        await draining.Give(draining.Offer());
        var finished = draining.Agent.Drain(CancellationToken.None);
        await draining.Give(draining.Offer("task-2"));
        Assert.Equal(RejectionReason.CapacityExceeded, Assert.Single(draining.Voice.Heard<TaskRejected>()).Code);
        told.SetResult();
        Assert.True(await finished);
        var result = Assert.Single(draining.Voice.Heard<TaskResult>());
        Assert.Equal("None", result.Result!.Value.GetProperty("text").GetString());
    }

    [Fact]
    public async Task What_outlives_the_grace_is_stopped_and_not_reported()
    {
        await world.Give(world.Offer());
        var finished = world.Agent.Drain(CancellationToken.None);
        await Eventually.True(() => world.Clock.ArmedTimers > 0, "it waits for the grace");
        world.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.False(await finished);
        Assert.True(await world.Agent.Abandon(TimeSpan.FromSeconds(5), CancellationToken.None));
        Assert.Empty(world.Voice.Heard<TaskResult>());
    }

    private Task Start() =>
        Task.Run(() => new Presence.Presence(world.Agent, world.Clock, NullLogger.Instance).Run(end.Token));

    // Moves the clock in small steps, each only when the agent waits for it; at most the given span.
    private async Task PassUntil(Func<bool> condition, TimeSpan atMost)
    {
        var step = TimeSpan.FromMilliseconds(250);
        for (var passed = TimeSpan.Zero; passed < atMost && !condition(); passed += step)
        {
            await Eventually.True(() => world.Clock.ArmedTimers > 0 || condition(), "the agent waits");
            world.Clock.Advance(step);
        }

        await Eventually.True(condition, $"it happened within {atMost}", within: TimeSpan.FromSeconds(5));
    }
}
