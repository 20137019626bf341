using System.Collections.Concurrent;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Reconciliation;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Any number of ResourceManagers on one database keep one set of books (reliability G6).</summary>
public sealed class TwoInstancesTests(LedgerDatabase database) : IClassFixture<LedgerDatabase>
{
    private const int Workers = 24;
    private const int StepsEach = 40;
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Two_instances_that_hammer_one_pool_never_overdraw_it()
    {
        await database.Empty();
        var outbox = new RecordingOutbox();
        await using var first = database.NewPool(outbox);
        await using var second = database.NewPool(outbox);
        PostgresPool[] pools = [first, second];
        for (var i = 0; i < 3; i++) { await first.Announce(Claims.Agent("a" + i, slots: 4, memoryMib: 8), None); }

        var known = new ConcurrentDictionary<AttemptKey, bool>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Hammer(pools[worker % 2], worker, known)));
        await PostgresPoolTests.AssertAudited(database.Server);

        // Everything that was ever claimed is given back: nothing may be held then, and nobody may wait.
        _ = await Task.WhenAll(known.Keys.Select((key, i) => pools[i % 2].Release(key, null, None)));
        await PostgresPoolTests.AssertAudited(database.Server);
        Assert.All(await first.Agents(None), agent => Assert.Equal(0, agent.Used.Slots));
        Assert.Equal(0, await database.Server.Read<long>("SELECT count(*) FROM resource_manager.claim"));
    }

    [Fact]
    public async Task What_an_agent_has_forgotten_is_found_by_two_words_of_which_each_instance_heard_one()
    {
        await database.Empty();
        await using var first = database.NewPool(new RecordingOutbox());
        await using var second = database.NewPool(new RecordingOutbox());
        (PostgresPool Pool, SecondWord<AttemptKey> Words)[] instances = [(first, new()), (second, new())];
        var (kept, forgotten) = (Claims.Key("kept"), Claims.Key("forgotten"));
        await first.Announce(Claims.Agent("a", slots: 2), None);
        foreach (var attempt in (AttemptKey[])[kept, forgotten]) { _ = await first.Claim(Claims.Of(attempt.TaskId), None); }

        Assert.True(await first.Heartbeat("a", 1, [kept], None));
        foreach (var instance in instances) { Assert.Empty(await Proven(instance.Pool, instance.Words)); }
        Assert.True(await second.Heartbeat("a", 1, [kept], None));
        foreach (var instance in instances) { Assert.Equal([forgotten], await Proven(instance.Pool, instance.Words)); }

        foreach (var instance in instances) { await instance.Pool.Revoke(forgotten, StrayRules.Forgotten, None); }
        Assert.Equal(kept, Assert.Single((await second.Look(None)).Held).Attempt);
        await PostgresPoolTests.AssertAudited(database.Server);

        static async Task<IReadOnlyList<AttemptKey>> Proven(PostgresPool pool, SecondWord<AttemptKey> words)
        {
            var seen = await pool.Look(None);
            var known = seen.Held.ToDictionary(held => held.Attempt.TaskId, held => new TaskAttempt
            {
                TaskId = held.Attempt.TaskId,
                State = TaskState.Running,
                Attempt = held.Attempt.Attempt,
            });
            return words.Proven(StrayRules.AllForgotten(seen, known, TimeSpan.FromMinutes(-1)));
        }
    }

    private static async Task Hammer(PostgresPool pool, int seed, ConcurrentDictionary<AttemptKey, bool> known)
    {
        var random = new Random(seed);
        for (var step = 0; step < StepsEach; step++)
        {
            // Few tasks and many workers: the same attempt is claimed and released by both instances at once.
            var key = new AttemptKey("t" + random.Next(40), random.Next(1, 4));
            var agent = "a" + random.Next(3);
            switch (random.Next(20))
            {
                case < 11:
                    known[key] = true;
                    _ = await pool.Claim(Claims.Of(key.TaskId, key.Attempt, memoryMib: random.Next(5)), None);
                    break;
                case < 16:
                    _ = await pool.Release(key, null, None);
                    break;
                case 16:
                    await pool.Announce(Claims.Agent(agent, random.Next(1, 6), random.Next(12),
                        incarnation: random.Next(1, 4)), None);
                    break;
                case 17:
                    _ = await pool.Release(key, [agent + "/memory"], None);
                    break;
                case 18:
                    _ = await pool.ReapSilent(TimeSpan.FromHours(1), None);
                    break;
                default:
                    _ = await pool.Heartbeat(agent, random.Next(1, 4), None);
                    break;
            }
        }
    }
}
