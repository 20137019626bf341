using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Whatever the fleet and whatever is asked, placement keeps its promises (requirements 24, 27).</summary>
[Trait("Requirement", "24")]
[Trait("Requirement", "98")]
public sealed class PlacementProperties
{
    private static readonly string[] Zones = ["eu", "us", "ap"];

    public sealed record Fleet(PoolAgent[] Agents, ResourceClaim Claim);

    private static readonly Gen<PoolAgent> AnyAgent =
        from id in Gen.Choose(0, 40)
        from zone in Gen.Choose(0, 3)
        from version in Gen.Choose(1, 2)
        from slots in Gen.Choose(1, 3)
        from used in Gen.Choose(0, 3)
        from gpus in Gen.Choose(0, 2)
        from standing in Gen.Choose(0, 5)
        select new PoolAgent(
            new AgentFacts
            {
                Id = $"a{id:00}",
                Incarnation = 1,
                Standing = standing switch { 0 => Standing.Offline, 1 => Standing.Draining, _ => Standing.Online },
                TaskTypes = ["data.*"],
                LastSeenAt = Claims.Noon,
                ProgramVersion = version.ToString(),
                Labels = zone == 3 ? AgentLabels.None : new Dictionary<string, string> { ["zone"] = Zones[zone] },
            },
            new AgentLedger(new Quantities(slots, 0, 4, 0, gpus), new Quantities(Math.Min(used, slots), 0, 0, 0, 0)));

    private static readonly Gen<LabelConstraint> AnyConstraint =
        from op in Gen.Elements(LabelOp.Eq, LabelOp.Ne, LabelOp.In, LabelOp.NotIn, LabelOp.Exists)
        from label in Gen.Elements("zone", "a2a.version", "a2a.agent_id", "tier")
        from value in Gen.Elements("eu", "us", "1", "a03")
        select new LabelConstraint
        {
            Label = label,
            Op = op,
            Value = op is LabelOp.Eq or LabelOp.Ne ? value : null,
            Values = op is LabelOp.In or LabelOp.NotIn ? [value, "ap"] : null,
        };

    private static readonly Gen<Fleet> Fleets =
        from agents in Gen.ArrayOf(AnyAgent)
        from constraints in Gen.ArrayOf(AnyConstraint)
        from preferences in Gen.ArrayOf(AnyConstraint)
        from pack in Gen.Elements(PlacementStrategy.Pack, PlacementStrategy.Spread)
        from gpus in Gen.Choose(0, 2)
        from avoid in Gen.Choose(0, 40)
        select new Fleet([.. agents.DistinctBy(agent => agent.Id)], Claims.Of("t", gpus: gpus, avoid: $"a{avoid:00}", place: new PlacementRule
        {
            Constraints = [.. constraints.Take(2)],
            Preferences = [.. preferences.Take(3).Select((one, i) => new LabelPreference
            {
                Label = one.Label, Op = one.Op, Value = one.Value, Values = one.Values, Weight = (i * 7) + 1,
            })],
            Strategy = pack,
        }));

    [Fact]
    public void Somebody_is_chosen_exactly_when_somebody_can_take_it_and_preferences_exclude_nobody() => Holds(fleet =>
    {
        var able = fleet.Agents.Where(agent => Placement.CanTake(agent, fleet.Claim)).ToList();
        var chosen = Placement.Choose(fleet.Claim, fleet.Agents);
        Assert.Equal(able.Count > 0, chosen is not null);
        Assert.True(chosen is null || able.Contains(chosen));
        Assert.Equal(able.Count, fleet.Agents.Count(agent =>
            Placement.CanTake(agent, fleet.Claim with { Placement = fleet.Claim.Placement with { Preferences = [] } })));
    });

    [Fact]
    public void Whoever_is_chosen_has_every_label_that_is_asked_for() => Holds(fleet =>
    {
        if (Placement.Choose(fleet.Claim, fleet.Agents) is not { } chosen) { return; }
        Assert.All(fleet.Claim.Placement.Constraints, constraint => Assert.True(Has(chosen, constraint), $"{constraint} on {chosen.Id}"));
    });

    [Fact]
    public void The_choice_is_the_same_in_whatever_order_the_agents_come() => Holds(fleet =>
        Assert.Equal(Placement.Choose(fleet.Claim, fleet.Agents)?.Id, Placement.Choose(fleet.Claim, fleet.Agents.Reverse())?.Id));

    [Fact]
    public void The_agent_that_failed_it_is_chosen_only_alone_and_nobody_is_preferred_to_the_chosen_one() => Holds(fleet =>
    {
        if (Placement.Choose(fleet.Claim, fleet.Agents) is not { } chosen) { return; }
        var others = fleet.Agents.Where(agent => agent != chosen && Placement.CanTake(agent, fleet.Claim)).ToList();
        if (chosen.Id == fleet.Claim.Avoid) { Assert.Empty(others); }
        Assert.DoesNotContain(others, agent => agent.Id != fleet.Claim.Avoid
            && fleet.Claim.Placement.Score(agent) > fleet.Claim.Placement.Score(chosen));
    });

    [Fact]
    public void What_is_feasible_is_taken_by_the_fleet_when_it_is_idle_and_what_is_not_is_not() => Holds(fleet =>
    {
        var idle = fleet.Agents.Select(agent => new PoolAgent(
            agent.Facts with { Standing = Standing.Online }, new AgentLedger(agent.Ledger.Declared))).ToList();
        var never = Feasibility.Of(fleet.Claim, idle);
        Assert.Equal(never is null && idle.Count > 0, Placement.Choose(fleet.Claim, idle) is not null);
        Assert.False(never is not null && string.IsNullOrWhiteSpace(never.Sentence));
    });

    // The words of the protocol once more, in another way than the code says them.
    private static bool Has(PoolAgent agent, LabelConstraint constraint)
    {
        var value = constraint.Label switch
        {
            "a2a.version" => agent.Facts.ProgramVersion,
            "a2a.agent_id" => agent.Id,
            var label => agent.Facts.Labels.TryGetValue(label, out var found) ? found : null,
        };
        return constraint.Op switch
        {
            LabelOp.Eq => value == constraint.Value,
            LabelOp.Ne => value != constraint.Value,
            LabelOp.In => constraint.Values!.Any(one => one == value),
            LabelOp.NotIn => constraint.Values!.All(one => one != value),
            _ => value is not null,
        };
    }

    private static void Holds(Action<Fleet> holds) =>
        Prop.ForAll(Arb.From(Fleets), fleet => holds(fleet)).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(30));
}
