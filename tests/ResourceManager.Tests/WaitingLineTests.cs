using A2A.Micro.ResourceManager.Ledger;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

[Trait("Requirement", "16")]
[Trait("Requirement", "96")]
public sealed class WaitingLineTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(60);

    private static readonly Gen<LineKey> Keys =
        from priority in Gen.Choose(0, 4)
        from enqueued in Gen.Choose(0, 5)
        from deadline in Gen.Choose(-1, 2)
        from task in Gen.Choose(0, 3)
        from attempt in Gen.Choose(1, 2)
        select LineKey.Of(new AttemptKey("t" + task, attempt), priority, Claims.Noon.AddSeconds(enqueued * 30),
            deadline < 0 ? null : Claims.Noon.AddSeconds(deadline), Step);

    [Fact]
    public void The_order_is_total() => Prop.ForAll(
        (from a in Keys from b in Keys from c in Keys select (a, b, c)).ToArbitrary(),
        keys =>
        {
            var (a, b, c) = keys;
            Assert.Equal(Math.Sign(a.CompareTo(b)), -Math.Sign(b.CompareTo(a)));
            Assert.Equal(a == b, a.CompareTo(b) == 0);
            if (a <= b && b <= c) { Assert.True(a <= c); }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Among_equals_the_first_comes_first()
    {
        var early = LineKey.Of(new AttemptKey("z", 1), 2, Claims.Noon, null, Step);
        var late = LineKey.Of(new AttemptKey("a", 1), 2, Claims.Noon.AddTicks(10), null, Step);

        Assert.True(early < late);
    }

    [Fact]
    public void Of_those_who_joined_in_the_same_second_the_earlier_deadline_comes_first()
    {
        LineKey Of(string task, double second, int? deadlineS, int priority = 2) => LineKey.Of(new AttemptKey(task, 1), priority,
            Claims.Noon.AddSeconds(second), deadlineS is { } s ? Claims.Noon.AddSeconds(s) : null, Step);
        LineKey[] line =
        [
            Of("urgent", 0.9, null, priority: 4), Of("soon", 0.8, 60), Of("later", 0.2, 90), Of("any-first", 0.1, null), Of("any-second", 0.3, null),
            Of("next-second", 1, 30),
        ];

        Assert.Equal(line, line.Reverse().Order());
        Assert.All(line, place => Assert.Equal(place.Attempt.TaskId == "urgent" ? 4 : 2, place.Priority(Step)));
        Assert.Equal(120_000_000, line[1].HeadStartUs);
    }

    [Fact]
    public void Nobody_is_overtaken_by_what_comes_three_steps_and_a_second_later() => Prop.ForAll(
        (from low in Gen.Choose(0, 4)
         from high in Gen.Choose(0, 4)
         from later in Gen.Choose(1, 100_000)
         select (low,
            high, later))
            .ToArbitrary(),
        drawn =>
        {
            var waiting = LineKey.Of(new AttemptKey("a", 1), drawn.low, Claims.Noon.AddMicroseconds(drawn.later), null, Step);
            var comer = LineKey.Of(new AttemptKey("b", 1), drawn.high, Claims.Noon + Step * 3 + TimeSpan.FromSeconds(1)
                + TimeSpan.FromMicroseconds(drawn.later),
                Claims.Noon, Step);
            Assert.True(waiting < comer);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Room_is_offered_in_order_and_a_claim_without_room_holds_up_only_its_own_class()
    {
        var line = new WaitingLine();
        foreach (var claim in (ResourceClaim[])
            [
                Claims.Of("large-1", memoryMib: 99, enqueuedS: 0), Claims.Of("large-2", memoryMib: 99, enqueuedS: 1),
                Claims.Of("small-2", enqueuedS: 3), Claims.Of("small-1", enqueuedS: 2),
                    Claims.Of("urgent", priority: 4, enqueuedS: 100),
            ])
        {
            _ = line.Add(claim);
        }

        var asked = new List<string>();
        line.Offer(claim =>
        {
            asked.Add(claim.Attempt.TaskId);
            return claim.Wanted.MemoryMib == 0;
        });

        Assert.Equal(["urgent", "large-1", "small-1", "small-2"], asked);
        Assert.Equal(["large-1", "large-2"], line.InOrder.Select(claim => claim.Attempt.TaskId));
    }

    [Fact]
    public void Twenty_thousand_claims_of_one_kind_cost_one_look()
    {
        var line = new WaitingLine();
        for (var i = 0; i < 20_000; i++) { _ = line.Add(Claims.Of("t" + i, enqueuedS: i)); }

        var looks = 0;
        line.Offer(_ => ++looks < 0);

        Assert.Equal(1, looks);
    }

    [Fact]
    public void Those_of_one_class_share_the_words_that_make_it()
    {
        var line = new WaitingLine();
        _ = line.Add(Claims.Of("a", type: Copy("data.analysis")));
        var same = Claims.Of("b", type: Copy("data.analysis"), enqueuedS: 1) with { Told = "AGENT_CAPACITY", TraceParent = "00-1-2-01" };
        var other = Claims.Of("c", type: Copy("data.analysis"), place: Claims.Where("zone", "eu"));
        _ = line.Add(same);
        _ = line.Add(other);

        Assert.Equal(same, line.Find(same.Attempt));
        Assert.Same(line.Find(Claims.Key("a"))!.TaskType, line.Find(same.Attempt)!.TaskType);
        Assert.NotSame(line.Find(Claims.Key("a"))!.TaskType, line.Find(other.Attempt)!.TaskType);

        static string Copy(string text) => new(text);
    }
    [Fact]
    public void The_line_is_a_sorted_list_in_which_each_claim_is_found_as_it_came() => Prop.ForAll(
        Gen.ArrayOf(from leaves in Gen.Frequency((3, Gen.Constant(false)), (2, Gen.Constant(true)))
                    from name in Gen.Elements("t", "tå", new string('t', 120))
                    from number in Gen.Choose(0, 60)
                    from second in Gen.Choose(0, 3)
                    from kind in Gen.Choose(0, 3)
                    from rest in Gen.Choose(0, 3)
                    select (leaves, name, number, second, kind, rest)).ToArbitrary(),
        steps =>
        {
            var (line, expected) = (new WaitingLine(), new SortedDictionary<LineKey, ResourceClaim>());
            foreach (var (leaves, name, number, second, kind, rest) in steps)
            {
                var claim = Claims.Of($"{name}{number}", memoryMib: kind, enqueuedS: second) with
                {
                    Requester = kind == 3 ? "team" : "anonymous",
                    Avoid = rest == 1 ? "agent-1" : null,
                    TraceParent = rest == 2 ? "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" : null,
                    Told = rest == 3 ? "AGENT_CAPACITY" : "",
                };
                var known = expected.Values.FirstOrDefault(one => one.Attempt == claim.Attempt);
                if (leaves)
                {
                    Assert.Equal(known is not null, line.Remove(claim.Attempt));
                    if (known is not null) { _ = expected.Remove(known.Line); }
                }
                else
                {
                    Assert.Equal(known is null, line.Add(claim));
                    if (known is null) { expected.Add(claim.Line, claim); }
                }

                Assert.Equal(expected.Values.FirstOrDefault(one => one.Attempt == claim.Attempt), line.Find(claim.Attempt));
            }

            Assert.Equal(expected.Count, line.Count);
            Assert.Equal(expected.Values, line.InOrder);
            Assert.Equal(expected.Values, line.FromTheFront());
            Assert.Equal(expected.Values.DistinctBy(claim => claim.Class), line.Heads);
            Assert.All(line.Heads, head => Assert.Equal(expected.Values.Where(one => one.Class == head.Class), line.OfClass(head.Class)));
            Assert.Equal(expected.Values.Where(one => one.Requester == "team").DistinctBy(claim => claim.Class), line.HeadsOf("team"));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(200));

    [Fact]
    public void A_class_has_the_name_under_which_it_was_stored()
    {
        var plain = Claims.Of("a", type: "data.analysis", memoryMib: 512);
        var rich = plain with
        {
            Pin = "agent-1",
            Excluded = ["agent-2", "agent-3"],
            Requester = "team",
            Placement = Claims.Where("zone", "eu"),
        };

        Assert.Equal(Name("data.analysis", plain.Wanted.ToString(), "", ""), plain.Class);
        Assert.Equal(Name("data.analysis", plain.Wanted.ToString(), "agent-1", "agent-2,agent-3", "zone=eu", "requester team"), rich.Class);

        static Guid Name(params string[] words) => Contracts.Wire.TaskKey.FromName(string.Join('\n', words));
    }
}
