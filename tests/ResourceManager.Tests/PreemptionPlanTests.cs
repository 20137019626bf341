using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Whose room is taken for a more urgent claim, whatever the fleet.</summary>
public sealed class PreemptionPlanTests
{
    private static readonly Gen<(int Size, (int Memory, int Priority, int Kind, int BeganS)[] Held)[]> Fleets = Gen.ArrayOf(
        from size in Gen.Choose(1, 12)
        from held in Gen.ArrayOf(
            from memory in Gen.Choose(0, 5)
            from priority in Gen.Choose(1, 4)
            from kind in Gen.Choose(0, 5)
            from began in Gen.Choose(0, 50)
            select (memory, priority, kind, began))
        select (size, held));

    [Fact]
    public void As_few_as_it_takes_make_room_and_only_those_who_may_be_asked() => Prop.ForAll(
        (from fleet in Fleets from wanted in Gen.Choose(1, 6) from priority in Gen.Choose(2, 4) select (fleet, wanted, priority)).ToArbitrary(),
        drawn =>
        {
            var claim = Claims.Of("urgent", memoryMib: drawn.wanted, priority: drawn.priority);
            var fleet = drawn.fleet.Select((one, i) => Agent("a" + i, one.Size, one.Held)).ToList();
            var now = Claims.Noon.AddSeconds(60);

            var plan = PreemptionPlan.Of(claim, drawn.priority, fleet.Select(one => (one.Agent, one.Held.AsEnumerable())), now);

            var possible = fleet.Where(one => one.Agent.Ledger.Declared.MemoryMib >= drawn.wanted).Select(one => Least(one, claim, drawn.priority, now))
                .OfType<TimeSpan>().ToList();
            Assert.Equal(possible.Count > 0, plan is not null);
            if (plan is null) { return; }
            Assert.All(plan.Victims, one => Assert.True(one.Yields < drawn.priority && one.YieldsTo is null && one.AgentId == plan.Agent.Id));
            var free = plan.Agent.Ledger.Free + plan.Victims.Aggregate(Quantities.None, (sum, one) => sum + one.Held);
            Assert.True(claim.Wanted.FitsIn(free));
            Assert.Equal(free - claim.Wanted, plan.Spare);
            Assert.All(plan.Victims, one => Assert.False(claim.Wanted.FitsIn(free - one.Held), "one too many"));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(12));

    [Fact]
    public void The_agent_on_which_the_least_work_is_lost_is_taken()
    {
        var (long_, short_) = (Agent("a", 1, [(1, 1, 0, 0)]), Agent("b", 1, [(1, 1, 0, 50)]));

        var plan = PreemptionPlan.Of(Claims.Of("urgent", memoryMib: 1, priority: 4), 4,
            [(long_.Agent, long_.Held), (short_.Agent, short_.Held)], Claims.Noon.AddSeconds(60));

        Assert.Equal("b", plan!.Agent.Id);
    }

    // What is lost if all who may be asked had to go; null when not even that is enough, or nobody has to go.
    private static TimeSpan? Least((PoolAgent Agent, List<Reservation> Held) one, ResourceClaim claim, int priority, DateTimeOffset now)
    {
        var may = one.Held.Where(held => held.Yields < priority && held.YieldsTo is null).ToList();
        var room = one.Agent.Ledger.Free + may.Aggregate(Quantities.None, (sum, held) => sum + held.Held);
        return claim.Wanted.FitsIn(one.Agent.Ledger.Free) || !claim.Wanted.FitsIn(room)
            ? null
            : may.Aggregate(TimeSpan.Zero, (sum, held) => sum + (now - held.GrantedAt));
    }

    private static (PoolAgent Agent, List<Reservation> Held) Agent(string id, int size, (int Memory, int Priority, int Kind, int BeganS)[] wished)
    {
        var agent = new PoolAgent(
            AgentFacts.Of(Claims.Agent(id, slots: size, memoryMib: size), Standing.Online, Claims.Noon), new AgentLedger(new Quantities(size, 0, size, 0, 0)));
        var held = new List<Reservation>();
        foreach (var (memory, priority, kind, began) in wished)
        {
            var attempt = Claims.Key($"{id}-{held.Count}");
            if (agent.Ledger.Allocate(attempt, new Quantities(1, 0, memory, 0, 0)) is not Verdict.Granted granted) { continue; }
            held.Add(new Reservation
            {
                Attempt = attempt,
                AgentId = id,
                Held = granted.Held,
                GrantedAt = Claims.Noon.AddSeconds(began),
                Yields = kind == 5 ? null : priority,
                YieldsTo = kind == 4 ? "another" : null,
            });
        }

        return (agent, held);
    }
}
