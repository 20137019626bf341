using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Who goes first among several requesters, and how long that can keep somebody waiting (reliability M2, I13).</summary>
public sealed class FairShareTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(90);
    private static readonly Quantities Fleet = new(100, 0, 1000, 0, 0);

    private static readonly Gen<(ResourceClaim[] Open, Dictionary<string, Quantities> Use)> Contests =
        from open in Gen.NonEmptyListOf(
            from requester in Gen.Choose(0, 3)
            from enqueued in Gen.Choose(0, 300)
            from priority in Gen.Choose(1, 4)
            from memory in Gen.Choose(0, 40)
            select (requester, enqueued, priority, memory))
        from use in Gen.ArrayOf(from slots in Gen.Choose(0, 30) from memory in Gen.Choose(0, 300) select new Quantities(slots, 0, memory, 0, 0), 4)
        select (
            open.Select((one, i) => Claims.Of("t" + i, memoryMib: one.memory, priority: one.priority, enqueuedS: one.enqueued) with
            {
                Requester = "r" + one.requester,
            }).ToArray(),
            use.Select((used, i) => (used, i)).ToDictionary(one => "r" + one.i, one => one.used));

    [Fact]
    public void Nobody_is_passed_by_whoever_stands_a_window_behind_it() => Prop.ForAll(Contests.ToArbitrary(), contest =>
    {
        var chosen = Share(contest.Use, QuotaRules.None).Next(Line(contest.Open), _ => true)!;

        Assert.All(contest.Open, other => Assert.True(
            chosen.Line.KeyUs < other.Line.KeyUs + Window.TotalMicroseconds || chosen == other, $"{chosen.Line} passed {other.Line}"));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Within_the_window_the_guaranteed_and_then_the_smallest_weighted_share_goes_first() => Prop.ForAll(Contests.ToArbitrary(), contest =>
    {
        var quotas = new QuotaRules(Quota.Unlimited, new Dictionary<string, Quota>
        {
            ["r0"] = Quota.Unlimited with { Weight = 4 },
            ["r1"] = Quota.Unlimited with { Guaranteed = new Quantities(long.MaxValue, long.MaxValue, 100, long.MaxValue, long.MaxValue) },
        });
        var chosen = Share(contest.Use, quotas).Next(Line(contest.Open), _ => true)!;

        // The same said another way: by a list that is sorted, with the shares in whole numbers.
        var first = contest.Open.Min(claim => claim.Line.KeyUs);
        var expected = contest.Open.Where(claim => claim.Line.KeyUs < first + 90_000_000)
            .OrderBy(claim => claim.Requester == "r1" && (contest.Use["r1"].MemoryMib + claim.Wanted.MemoryMib <= 100 || claim.Wanted.MemoryMib == 0) ? 0 : 1)
            .ThenBy(claim => Math.Max(contest.Use[claim.Requester].Slots * 10, contest.Use[claim.Requester].MemoryMib)
                * (claim.Requester == "r0" ? 1 : 4))
            .ThenBy(claim => claim.Line).First();
        Assert.Equal(expected, chosen);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void One_who_floods_the_line_does_not_get_more_than_its_weight()
    {
        var quotas = new QuotaRules(Quota.Unlimited, new Dictionary<string, Quota> { ["heavy"] = Quota.Unlimited with { Weight = 3 } });
        var pool = new Pool(TimeSpan.FromHours(24), new LineRules { Quotas = quotas, FairShareWindow = TimeSpan.FromMinutes(10) });
        _ = pool.Do(new PoolOperation.Announce(Claims.Agent("a", slots: 15)), Claims.Noon);
        for (var i = 0; i < 300; i++) { _ = pool.Do(Claim("flood", i, 0), Claims.Noon); }
        for (var i = 0; i < 60; i++)
        {
            _ = pool.Do(Claim("modest", i, 20), Claims.Noon);
            _ = pool.Do(Claim("heavy", i, 30), Claims.Noon);
        }

        for (var i = 0; i < 60; i++)
        {
            var oldest = pool.Reservations.Values.Where(held => held.Active).MinBy(held => held.GrantedAt)!;
            _ = pool.Do(new PoolOperation.ReleaseRoom(oldest.Attempt), Claims.Noon.AddSeconds(i + 1));
        }

        Assert.Equal((3, 3, 9), (Use("flood"), Use("modest"), Use("heavy")));

        long Use(string requester) => pool.Use[requester].Slots;
    }

    [Fact]
    public void A_requester_never_has_more_than_its_limit_and_nobody_waits_for_nothing() => Prop.ForAll(
        Gen.ArrayOf(from kind in Gen.Choose(0, 9)
                    from task in Gen.Choose(0, 30)
                    from size in Gen.Choose(0, 3)
                    select (kind, task, size)).ToArbitrary(),
        steps =>
        {
            var limit = new Quantities(3, long.MaxValue, 5, long.MaxValue, long.MaxValue);
            var quotas = new QuotaRules(Quota.Unlimited with { Limit = limit }, new Dictionary<string, Quota> { ["r2"] = Quota.Unlimited });
            var pool = new Pool(TimeSpan.FromHours(24), new LineRules { Quotas = quotas, FairShareWindow = Window });
            var (now, seconds) = (Claims.Noon, 0);
            foreach (var (kind, task, size) in steps)
            {
                now = now.AddSeconds(++seconds);
                _ = pool.Do(kind switch
                {
                    < 5 => new PoolOperation.ClaimRoom(Claims.Of("t" + task, memoryMib: size, enqueuedS: seconds) with { Requester = "r" + task % 3 }),
                    < 8 => new PoolOperation.ReleaseRoom(Claims.Key("t" + task)),
                    8 => new PoolOperation.Announce(Claims.Agent("a" + size, slots: 3, memoryMib: 4, incarnation: seconds)),
                    _ => new PoolOperation.Leave("a" + size, pool.Agents.GetValueOrDefault("a" + size)?.Facts.Incarnation ?? 0),
                }, now);
                Check(pool, limit);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(120));

    [Fact]
    public void One_that_waits_for_its_quota_waits_for_work_of_its_own_requester_only() => Prop.ForAll(
        (from limit in Gen.Choose(1, 4)
         from runs in Gen.NonEmptyListOf(Gen.Choose(1, 20))
         from others in Gen.ListOf(Gen.Choose(1, 20))
         select (limit, runs, others)).ToArbitrary(),
        drawn =>
        {
            var most = new Quantities(drawn.limit, long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue);
            var quotas = new QuotaRules(Quota.Unlimited, new Dictionary<string, Quota> { ["own"] = Quota.Unlimited with { Limit = most } });
            var played = new PlayedPool(new LineRules { Quotas = quotas, FairShareWindow = Window });
            played.Announce("a", slots: 1000);
            for (var i = 0; i < drawn.others.Count; i++) { played.Do(Claim("other", i, 0), drawn.others[i]); }
            for (var i = 0; i < drawn.runs.Count; i++) { played.Do(Claim("own", i, i), drawn.runs[i]); }
            played.Until(drawn.runs.Sum() + 1);

            Assert.All(Enumerable.Range(0, drawn.runs.Count), i =>
                Assert.InRange(played.StartOf($"own-{i}") ?? double.MaxValue, 0, ((i / drawn.limit) + 1) * drawn.runs.Max()));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(25));

    private static void Check(Pool pool, Quantities limit)
    {
        var held = pool.Reservations.Values.Where(reservation => reservation.Active).GroupBy(reservation => reservation.Requester)
            .ToDictionary(group => group.Key, group => group.Aggregate(Quantities.None, (sum, one) => sum + one.Held));
        Assert.Equal(held.OrderBy(one => one.Key, StringComparer.Ordinal), pool.Use.OrderBy(one => one.Key, StringComparer.Ordinal));
        Assert.All(held.Where(one => one.Key != "r2"), one => Assert.True(one.Value.FitsIn(limit), $"{one.Key} has {one.Value}"));
        Assert.All(pool.Line.InOrder, claim => Assert.True(
            !pool.Scene.Lets(claim) || Placement.Choose(claim, pool.Agents.Values) is null, $"{claim.Attempt} waits for nothing"));
    }

    private static PoolOperation.ClaimRoom Claim(string requester, int number, int enqueuedS) =>
        new(Claims.Of($"{requester}-{number}", enqueuedS: enqueuedS) with { Requester = requester });

    private static WaitingLine Line(IEnumerable<ResourceClaim> claims)
    {
        var line = new WaitingLine();
        foreach (var claim in claims) { Assert.True(line.Add(claim)); }
        return line;
    }

    private static FairShare Share(Dictionary<string, Quantities> use, QuotaRules quotas) => new(quotas, use, Fleet, Window);
}
