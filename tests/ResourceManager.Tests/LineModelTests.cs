using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>
/// Who gets room when, whatever comes (reliability M2, I13): the same every time, the first first among equals, nobody passed by who joins later
/// than the bound, fair between requesters. Each planted bug makes the same check fail, and FsCheck shrinks what it found.
/// </summary>
[Trait("Requirement", "16")]
[Trait("Requirement", "96")]
public sealed class LineModelTests
{
    private const int Longest = 30;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public sealed record Comer(int AfterS, int Priority, int Requester, int RunsS);

    private static readonly Gen<(int Slots, Comer[] Comers)> Plays =
        from slots in Gen.Choose(1, 3)
        from comers in Gen.ArrayOf(
            from after in Gen.Choose(0, 12)
            from priority in Gen.Choose(1, 4)
            from requester in Gen.Choose(0, 2)
            from runs in Gen.Choose(1, Longest)
            select new Comer(after, priority, requester, runs))
        select (slots, comers);

    [Fact]
    public void The_line_keeps_its_promises() => Check("");

    [Theory]
    [InlineData("the last comes first")]
    [InlineData("waiting is worth nothing")]
    [InlineData("nobody minds who has how much")]
    [InlineData("fairness knows no end")]
    [InlineData("a coin decides")]
    public void A_planted_bug_is_seen_and_shrunk(string planted)
    {
        var seen = Assert.ThrowsAny<Exception>(() => Check(planted));

        Assert.Contains("shrink", seen.Message, StringComparison.Ordinal);
    }

    private static void Check(string planted) =>
        Prop.ForAll(Arb.From(Plays, Smaller), play =>
        {
            var starts = Play(play.Slots, play.Comers, planted, 1);
            Assert.Equal(starts.Select(one => one.At), Play(play.Slots, play.Comers, planted, 2).Select(one => one.At));
            Assert.Equal(play.Comers.Length, starts.Count(one => one.At is not null));
            FirstFirst(starts);
            NobodyIsPassedForEver(starts);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(planted.Length == 0 ? 300 : 3000).WithEndSize(70));

    private static IEnumerable<(int Slots, Comer[] Comers)> Smaller((int Slots, Comer[] Comers) play) =>
        play.Comers.Select((_, i) => (play.Slots, play.Comers.Where((_, j) => j != i).ToArray()));

    // Equals are those of one priority and one requester: all tasks are of the same size.
    private static void FirstFirst(IReadOnlyList<Start> starts)
    {
        foreach (var equal in starts.GroupBy(one => (one.Comer.Priority, one.Comer.Requester)))
        {
            Assert.Equal(equal.OrderBy(one => one.Number).Select(one => one.Number), equal.OrderBy(one => one.Turn).Select(one => one.Number));
        }
    }

    private static void NobodyIsPassedForEver(IReadOnlyList<Start> starts)
    {
        var bound = (3 * Step + Window).TotalSeconds;
        foreach (var waits in starts)
        {
            Assert.DoesNotContain(starts, other => other.JoinedS > waits.JoinedS + bound && other.At < waits.At);
        }
    }

    private static IReadOnlyList<Start> Play(int slots, Comer[] comers, string planted, int time)
    {
        var rules = new LineRules { FairShareWindow = planted switch
        {
            "nobody minds who has how much" => TimeSpan.Zero,
            "fairness knows no end" => TimeSpan.FromDays(1),
            _ => Window,
        } };
        var (pool, random) = (new Pool(TimeSpan.FromHours(24), rules), new Random(time));
        var (starts, ends, now) = (new Dictionary<AttemptKey, Start>(), new PriorityQueue<AttemptKey, (int, int)>(), 0);
        void Do(PoolOperation operation)
        {
            var before = pool.Use.ToDictionary();
            _ = pool.Do(operation, Claims.Noon.AddSeconds(now));
            foreach (var entry in pool.TakeChanges().Entries.Where(entry => entry.Delta.Slots > 0))
            {
                var start = starts[entry.Attempt];
                (start.At, start.Turn) = (now, starts.Values.Count(one => one.At is not null));
                ends.Enqueue(entry.Attempt, (now + start.Comer.RunsS, start.Number));
                if (operation is PoolOperation.ReleaseRoom given) { IsFair(pool, before, starts[given.Attempt], start); }
            }
        }

        void Until(int end)
        {
            while (ends.TryPeek(out var ended, out var at) && at.Item1 <= end)
            {
                _ = ends.Dequeue();
                now = at.Item1;
                Do(new PoolOperation.ReleaseRoom(ended));
            }

            now = end;
        }

        Do(new PoolOperation.Announce(Claims.Agent("a", slots)));
        foreach (var (comer, i) in comers.Select((comer, i) => (comer, i)))
        {
            Until(now + comer.AfterS);
            var key = Claims.Key($"t{i:000}");
            starts.Add(key, new Start(comer, i, now));
            Do(new PoolOperation.ClaimRoom(Claims.Of(key.TaskId) with
            {
                Requester = "r" + comer.Requester,
                Line = Key(key, comer, i, now, planted, random),
            }));
        }

        Until(int.MaxValue / 2);
        return [.. starts.Values.OrderBy(start => start.Number)];
    }

    // Of those who stand less than the window behind the first, it is one who has least that gets what was given back.
    private static void IsFair(Pool pool, IReadOnlyDictionary<string, Quantities> before, Start ended, Start started)
    {
        long Had(string requester) => before.GetValueOrDefault(requester).Slots - (requester == "r" + ended.Comer.Requester ? 1 : 0);
        var got = Key(Claims.Key($"t{started.Number:000}"), started.Comer, started.Number, started.JoinedS, "", null).KeyUs;
        var first = pool.Line.Heads.Select(head => head.Line.KeyUs).Append(got).Min();
        Assert.DoesNotContain(pool.Line.Heads, head => head.Line.KeyUs < first + Window.TotalMicroseconds
            && Had(head.Requester) < Had("r" + started.Comer.Requester));
    }

    private static LineKey Key(AttemptKey attempt, Comer comer, int number, int joinedS, string planted, Random? coin) => planted switch
    {
        "the last comes first" => LineKey.Of(attempt, comer.Priority, Claims.Noon.AddSeconds(-joinedS).AddMilliseconds(-number), null, Step),
        "waiting is worth nothing" => LineKey.Of(attempt, comer.Priority, Claims.Noon.AddSeconds(joinedS).AddMilliseconds(number), null, TimeSpan.FromDays(1)),
        "a coin decides" => LineKey.Of(attempt, 1 + coin!.Next(4), Claims.Noon.AddSeconds(coin.Next(joinedS + 1)), null, Step),
        _ => LineKey.Of(attempt, comer.Priority, Claims.Noon.AddSeconds(joinedS).AddMilliseconds(number), null, Step),
    };

    private sealed class Start(Comer comer, int number, int joinedS)
    {
        public Comer Comer => comer;

        public int Number => number;

        public int JoinedS => joinedS;

        public int? At { get; set; }

        public int Turn { get; set; }
    }
}
