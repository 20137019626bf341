using System.Text;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Persistence.Tests;

/// <summary>What a message looks like on its way: compressed when it is large, persistent unless the next one says it all.</summary>
public sealed partial class LaneTests
{
    [Fact]
    [Trait("Requirement", "64")]
    public async Task A_large_message_travels_compressed_and_arrives_whole()
    {
        await using var raw = await RawQueue.Connect(broker);
        var tap = await raw.Listen(Endpoints.Tasks);
        var id = NewId();

        await Say(new Ping { Id = id, Word = string.Concat(Enumerable.Repeat("large ", 20_000)) });

        await Eventually.True(() => Count(id).Result == 1, "the saga counts its ping");
        var travelled = Assert.Single(await raw.Take(tap, 1));
        Assert.Equal(Gzip.Name, travelled.Encoding);
        Assert.InRange(travelled.Bytes.Length, 1, 4_000);
        Assert.Contains(id.ToString(), Encoding.UTF8.GetString(Gzip.Unpack(travelled.Bytes)), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "64")]
    [Trait("Requirement", "39")]
    public async Task A_large_message_that_its_consumer_cannot_take_is_parked_as_it_came()
    {
        var id = NewId();
        var outgoing = Outgoing.Command(Endpoints.Tasks, new Ping { Id = id, Word = "poison" + new string('x', 100_000) }, TimeProvider.System);

        await _app.Services.GetRequiredService<ILane>().Send([outgoing], CancellationToken.None);

        await Eventually.True(() => _heard.Parked.Contains(outgoing.Id), "it is parked, and can be read there");
    }

    [Fact]
    [Trait("Requirement", "68")]
    public async Task Only_what_the_next_one_makes_good_is_not_persistent()
    {
        await using var raw = await RawQueue.Connect(broker);
        var tap = await raw.Listen(Endpoints.Tasks);

        await Say(new AgentHeartbeat { AgentId = "a", Incarnation = 1 });
        await Say(Progress(0.5));
        await Say(new Ping { Id = NewId(), Word = "hello" });

        Assert.Equal([(false, null), (false, "60000"), (true, null)], (await raw.Take(tap, 3)).Select(one => (one.IsPersistent, one.Expiration)));
    }

    // What the decision about progress rests on, with a broker of the version that is there.
    [Fact]
    [Trait("Requirement", "68")]
    public async Task A_quorum_queue_lets_go_of_what_has_expired_and_says_so_to_who_collects_dead_letters()
    {
        await using var raw = await RawQueue.Connect(broker);
        var (queue, dead) = await raw.Quorum();
        for (var i = 0; i < 3; i++) { await raw.Expiring(queue, TimeSpan.FromMilliseconds(50)); }

        Assert.All(await raw.Take(dead, 3), one => Assert.Equal(("expired", queue), (one.Header("x-first-death-reason"), one.Header("x-first-death-queue"))));
        Assert.Equal(0, await raw.Count(queue));
        await raw.Delete(queue);
    }

    private static TaskStatusUpdate Progress(double fraction) => new()
    {
        TaskId = "t",
        Attempt = 1,
        ExecutorAgentId = "a",
        Status = TaskState.Running,
        Progress = fraction,
        Timestamp = TimeProvider.System.GetUtcNow(),
    };
}
