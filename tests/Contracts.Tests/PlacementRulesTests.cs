using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tests;

/// <summary>What a task may say about labels, over the bus as well as over HTTP.</summary>
public sealed class PlacementRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"constraints":[{"label":"","op":"exists"}]}""", "#/constraints/0/label")]
    [InlineData("""{"constraints":[{"label":"zone","op":"newer_word"}]}""", "#/constraints/0/op")]
    [InlineData("""{"constraints":[{"label":"zone"}]}""", "#/constraints/0/op")]
    [InlineData("""{"constraints":[{"label":"zone","op":"ne","value":"a,b"}]}""", "#/constraints/0/value")]
    [InlineData("""{"constraints":[{"label":"zone","op":"eq","value":"a","values":["b"]}]}""", "#/constraints/0/values")]
    [InlineData("""{"constraints":[{"label":"zone","op":"not_in"}]}""", "#/constraints/0/values")]
    [InlineData("""{"constraints":[{"label":"zone","op":"in","value":"a","values":["b"]}]}""", "#/constraints/0/value")]
    [InlineData("""{"preferences":[{"label":"zone","op":"exists","weight":101}]}""", "#/preferences/0/weight")]
    [InlineData("""{"strategy":"newer_word"}""", "#/strategy")]
    [InlineData("""{"on_infeasible":"newer_word"}""", "#/on_infeasible")]
    public void What_makes_no_sense_is_named(string said, string pointer) =>
        Assert.Equal(pointer, Assert.Single(TaskRules.Check(Read(said), Now)).Pointer);

    [Fact]
    public void There_may_be_64_and_no_more()
    {
        var one = new LabelConstraint { Label = "zone", Op = LabelOp.Exists };
        Assert.Empty(TaskRules.Check(Read("{}") with { Constraints = [.. Enumerable.Repeat(one, 64)] }, Now));
        Assert.Equal("#/constraints", Assert.Single(TaskRules.Check(Read("{}") with { Constraints = [.. Enumerable.Repeat(one, 65)] }, Now)).Pointer);
    }

    [Fact]
    public void A_task_that_says_nothing_asks_for_no_place_and_one_that_says_something_keeps_it_over_the_wire()
    {
        Assert.Null(Read("{}").Placement());
        var rule = Read("""{"constraints":[{"label":"zone","op":"in","values":["eu"]}],"strategy":"pack"}""").Placement();
        var again = JsonSerializer.Deserialize<PlacementRule>(JsonSerializer.Serialize(rule, WireJson.Options), WireJson.Options);
        Assert.Equal(rule, again);
        Assert.Equal("zone in (eu)", again!.Constraints[0].ToString());
    }

    private static SubmitTask Read(string said) => JsonSerializer.Deserialize<SubmitTask>(
        """{"task_id":"t","task_type":"a.b",""" + said[1..].Replace(",}", "}", StringComparison.Ordinal), Lenient)!;

    private static readonly JsonSerializerOptions Lenient = new(WireJson.Options) { AllowTrailingCommas = true };
}
