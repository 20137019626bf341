namespace A2A.Micro.Architecture.Tests;

/// <summary>What docs/requirements.md says is shown, is shown.</summary>
public sealed class RequirementTests
{
    private const string Planted =
        "## Shown\n\n| number | what | where |\n| --- | --- | --- |\n| 3, 5-6 | it works | `OneTests` |\n\n## Not yet\n\n| 9 | later |\n";

    private static readonly string Document = SourceTree.Files.Single(file => file.Path == "docs/requirements.md").Text;

    // Not this folder: its planted offenders are no tests of anything.
    private static readonly SourceFile[] Tests = [.. SourceTree.Files.Where(file =>
        file.IsCode && file.IsBelow("tests") && !file.IsBelow("tests/Architecture.Tests"))];

    [Fact]
    public void A_number_without_a_test_is_reported_and_one_with_a_test_is_not() =>
        Assert.Equal(["5", "6"], RequirementRules.EveryNumberHasATest(Planted, [Test("""[Trait("Requirement", "3")] class OneTests""")])
            .Select(offence => offence.Split(' ')[2]));

    [Fact]
    public void Every_number_that_is_shown_has_a_test() => Offences.None(RequirementRules.EveryNumberHasATest(Document, Tests));

    [Fact]
    public void A_test_that_is_not_there_is_reported() =>
        Assert.NotEmpty(RequirementRules.EveryNamedTestExists(Planted, [Test("class OtherTests")]));

    [Fact]
    public void Every_test_that_is_named_is_there() => Offences.None(RequirementRules.EveryNamedTestExists(Document, Tests));

    [Fact]
    public void A_number_that_nobody_knows_is_reported_and_one_of_a_later_table_is_not() =>
        Assert.Equal(["tests/x.cs: requirement 7 is not in docs/requirements.md"], RequirementRules.EveryTraitIsInTheTable(
            Planted, [Test("""[Trait("Requirement", "7")] [Trait("Requirement", "9")] class OneTests""")]));

    [Fact]
    public void Every_number_of_a_test_is_in_a_table() => Offences.None(RequirementRules.EveryTraitIsInTheTable(Document, Tests));

    private static SourceFile Test(string text) => new("tests/x.cs", text);
}
