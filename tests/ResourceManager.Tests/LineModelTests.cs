using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>
/// Who gets room when, whatever comes (reliability M2, I13): the same every time, the first first among equals, nobody passed by who joins later
/// than the bound, fair between requesters; room is made by those that allow it, for those that are urgent enough, once by each attempt, and gets to
/// whom it is made for. Each planted bug makes the same check fail, and FsCheck shrinks what it found.
/// </summary>
[Trait("Requirement", "16")]
[Trait("Requirement", "96")]
public sealed class LineModelTests
{
    internal const int Longest = 30, Critical = 4, PreemptionsMax = 3;
    internal static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    internal static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public sealed record Comer(int AfterS, int Priority, int Requester, int RunsS, bool Yields);

    private static readonly Gen<(int Slots, Comer[] Comers)> Plays =
        from slots in Gen.Choose(1, 3)
        from comers in Gen.ArrayOf(
            from after in Gen.Choose(0, 12)
            from priority in Gen.Choose(1, 4)
            from requester in Gen.Choose(0, 2)
            from runs in Gen.Choose(1, Longest)
            from yields in Gen.Elements(true, false)
            select new Comer(after, priority, requester, runs, yields))
        select (slots, comers);

    [Fact]
    public void The_line_keeps_its_promises() => Check("");

    [Theory]
    [InlineData("the last comes first")]
    [InlineData("waiting is worth nothing")]
    [InlineData("nobody minds who has how much")]
    [InlineData("fairness knows no end")]
    [InlineData("a coin decides")]
    [InlineData("nobody is asked whether it yields")]
    [InlineData("everything is urgent")]
    [InlineData("what is made is given to others")]
    [InlineData("one yields for ever")]
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
            Assert.Equal(play.Comers.Length, starts.Count(one => one.At is not null && one.Asked <= PreemptionsMax));
            FirstFirst(starts);
            NobodyIsPassedForEver(starts);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(planted.Length == 0 ? 300 : 3000).WithEndSize(70));

    private static IEnumerable<(int Slots, Comer[] Comers)> Smaller((int Slots, Comer[] Comers) play) =>
        play.Comers.Select((_, i) => (play.Slots, play.Comers.Where((_, j) => j != i).ToArray()));

    // Equals are those of one priority and one requester: all tasks are of the same size.
    private static void FirstFirst(IReadOnlyList<LinePlay.Start> starts)
    {
        foreach (var equal in starts.GroupBy(one => (one.Comer.Priority, one.Comer.Requester)))
        {
            Assert.Equal(equal.OrderBy(one => one.Number).Select(one => one.Number), equal.OrderBy(one => one.Turn).Select(one => one.Number));
        }
    }

    private static void NobodyIsPassedForEver(IReadOnlyList<LinePlay.Start> starts)
    {
        var bound = (3 * Step + Window).TotalSeconds;
        foreach (var waits in starts)
        {
            // Room that others made for it is not what anybody else waited for.
            Assert.DoesNotContain(starts, other => other.JoinedS > waits.JoinedS + bound && other.At < waits.At && !other.WasMade);
        }
    }

    private static IReadOnlyList<LinePlay.Start> Play(int slots, Comer[] comers, string planted, int time)
    {
        var play = new LinePlay(new LineRules
        {
            AgingStep = Step,
            PreemptFrom = planted == "everything is urgent" ? 1 : Critical,
            FairShareWindow = planted switch
            {
                "nobody minds who has how much" => TimeSpan.Zero,
                "fairness knows no end" => TimeSpan.FromDays(1),
                _ => Window,
            },
        }, planted, new Random(time));
        play.Begin(slots);
        foreach (var (comer, i) in comers.Select((comer, i) => (comer, i))) { play.Join(comer, i); }
        return play.End();
    }
}
