using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>A large task is not passed for ever, and nobody is held up who does not stand in its way (reliability G9, M2).</summary>
public sealed class EarmarkTests
{
    private const int Longest = 40;
    private static readonly LineRules Rules = new() { EarmarksMax = 8, EarmarkAfter = TimeSpan.FromSeconds(10) };

    private static readonly Gen<(int Agents, int Slots, (int Every, int Runs)[] Small)> Streams =
        from agents in Gen.Choose(1, 3)
        from slots in Gen.Choose(2, 5)
        from small in Gen.ArrayOf(from every in Gen.Choose(0, 3) from runs in Gen.Choose(1, Longest) select (every, runs), 400)
        select (agents, slots, small);

    [Fact]
    public void A_large_task_starts_in_bounded_time_whatever_comes_after_it() => Prop.ForAll(Streams.ToArbitrary(), stream =>
    {
        var wait = WaitOfTheLargeOne(Rules, stream.Agents, stream.Slots, stream.Small);

        // Until its agent is chosen, then what runs there, and what passed it because it was expected to end in time and did not.
        Assert.True(wait <= 10 + PlayedPool.SweepS + 2 * Longest, $"waited {wait} s");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void Without_earmarks_a_stream_of_small_tasks_keeps_it_waiting()
    {
        var small = Enumerable.Repeat((Every: 1, Runs: Longest), 400).ToArray();

        Assert.True(WaitOfTheLargeOne(LineRules.Plain, 1, 4, small) > 300);
        Assert.InRange(WaitOfTheLargeOne(Rules, 1, 4, small), 1, 10 + PlayedPool.SweepS + 2 * Longest);
    }

    [Fact]
    public void Who_ends_before_it_can_start_may_pass_and_who_does_not_may_not()
    {
        var played = new PlayedPool(Rules);
        played.Announce("a", slots: 4);
        for (var i = 0; i < 2 * RunTimes.Enough; i++)
        {
            played.Do(new PoolOperation.ClaimRoom(Claims.Of("short" + i, type: "data.short")), runs: 5);
            played.Do(new PoolOperation.ClaimRoom(Claims.Of("long" + i, type: "data.long")), runs: 60);
            played.Until(played.Seconds + 61);
        }

        var begin = played.Seconds;
        for (var i = 0; i < 3; i++) { played.Do(new PoolOperation.ClaimRoom(Claims.Of("run" + i, type: "data.long")), runs: 60); }
        played.Do(new PoolOperation.ClaimRoom(Large(4, begin)), runs: 1);
        played.Until(begin + 20);
        Assert.Equal("large", played.Pool.Agents["a"].Facts.Earmark?.Owner.Attempt.TaskId);

        played.Do(new PoolOperation.ClaimRoom(Claims.Of("passes", type: "data.short", enqueuedS: begin + 20)), runs: 5);
        played.Until(begin + 30);
        played.Do(new PoolOperation.ClaimRoom(Claims.Of("stays", type: "data.long", enqueuedS: begin + 30)), runs: 60);
        played.Until(begin + 100);

        Assert.Equal(begin + 20, played.StartOf("passes"));
        Assert.Equal(begin + 60, played.StartOf("large"));
        Assert.True(played.StartOf("stays") > begin + 60);
    }

    [Fact]
    public void Room_is_kept_only_where_nobody_gives_back_enough_at_once()
    {
        var played = new PlayedPool(Rules);
        played.Announce("a", slots: 4);
        for (var i = 0; i < 40; i++) { played.Do(new PoolOperation.ClaimRoom(Claims.Of("t" + i, enqueuedS: i)), runs: 30); }

        played.Until(40);

        Assert.True(played.Pool.Line.Count > 0);
        Assert.DoesNotContain(played.Pool.Agents.Values, agent => agent.Facts.Earmark is not null);
    }

    [Fact]
    public void Nine_of_ten_runs_are_no_longer_than_is_said() => Prop.ForAll(
        Gen.ArrayOf(Gen.Choose(1, 10_000_000)).Where(all => all.Length is >= RunTimes.Enough and < 900).ToArbitrary(), all =>
        {
            var times = new RunTimes();
            foreach (var ms in all) { times.Add("t", TimeSpan.FromMilliseconds(ms)); }
            var exact = all.Order().ElementAt((int)Math.Ceiling(all.Length * 0.9) - 1);

            var said = times.P90("t")!.Value.TotalMilliseconds;

            Assert.InRange(said, exact, exact * 1.2 + 1);
        }).QuickCheckThrowOnFailure();

    private static double WaitOfTheLargeOne(LineRules rules, int agents, int slots, (int Every, int Runs)[] small)
    {
        var played = new PlayedPool(rules with { RunTimes = new RunTimes() });
        for (var i = 0; i < agents; i++) { played.Announce("a" + i, slots); }
        // The agents are busy, and nobody waits, when it comes.
        for (var i = 0; i < agents * slots; i++) { played.Do(new PoolOperation.ClaimRoom(Claims.Of("first" + i)), small[i].Runs); }
        played.Do(new PoolOperation.ClaimRoom(Large(slots, 0)), runs: 1);
        for (var i = 0; i < small.Length; i++)
        {
            played.Until(played.Seconds + small[i].Every);
            played.Do(new PoolOperation.ClaimRoom(Claims.Of("small" + i, enqueuedS: played.Seconds)), small[i].Runs);
        }

        return (played.StartOf("large") ?? played.Seconds) - 0;
    }

    private static ResourceClaim Large(int slots, int enqueuedS) =>
        Claims.Of("large", enqueuedS: enqueuedS) with { Wanted = new Quantities(slots, 0, 0, 0, 0) };
}

/// <summary>A pool whose tasks run as long as they are told, second by second, with its sweep.</summary>
internal sealed class PlayedPool(LineRules rules)
{
    public const int SweepS = 5;

    private readonly PriorityQueue<AttemptKey, int> _ends = new();
    private readonly Dictionary<AttemptKey, int> _runs = [];
    private readonly Dictionary<AttemptKey, int> _starts = [];

    public Pool Pool { get; } = new(TimeSpan.FromHours(24), rules);

    public int Seconds { get; private set; }

    public double? StartOf(string task) => _starts.TryGetValue(Claims.Key(task), out var at) ? at : null;

    public void Announce(string id, int slots) => Say(new PoolOperation.Announce(Claims.Agent(id, slots)));

    public void Do(PoolOperation.ClaimRoom claim, int runs)
    {
        _runs[claim.Wish.Attempt] = runs;
        Say(claim);
    }

    public void Until(int seconds)
    {
        while (Seconds < seconds)
        {
            Seconds++;
            while (_ends.TryPeek(out var ended, out var at) && at <= Seconds)
            {
                _ = _ends.Dequeue();
                Say(new PoolOperation.ReleaseRoom(ended));
            }

            if (Seconds % SweepS == 0) { Say(new PoolOperation.Reap(TimeSpan.FromDays(365))); }
        }
    }

    private void Say(PoolOperation operation)
    {
        _ = Pool.Do(operation, Claims.Noon.AddSeconds(Seconds));
        var changes = Pool.TakeChanges();
        foreach (var (type, took) in changes.Runs) { rules.RunTimes.Add(type, took); }
        foreach (var entry in changes.Entries.Where(entry => entry.Delta.Slots > 0))
        {
            _starts[entry.Attempt] = Seconds;
            _ends.Enqueue(entry.Attempt, Seconds + _runs[entry.Attempt]);
        }
    }
}
