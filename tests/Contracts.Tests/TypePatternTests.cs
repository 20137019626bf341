using A2A.Micro.Contracts.Tasks;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Contracts.Tests;

/// <summary>Which agents a task type reaches (requirements 83).</summary>
[Trait("Requirement", "83")]
[Trait("Requirement", "84")]
public sealed class TypePatternTests
{
    private static readonly Gen<string> Types =
        from count in Gen.Choose(1, 4)
        from segments in Gen.Elements("data", "image", "analysis", "a", "x-1", "file_conversion").ArrayOf(count)
        select string.Join('.', segments);

    [Theory]
    [InlineData("data.analysis", "data.analysis", true)]
    [InlineData("data.analysis", "data.analysis.fast", false)]
    [InlineData("data.analysis", "Data.Analysis", false)]
    [InlineData("data_analysis", "data.analysis", false)]
    [InlineData("data.*", "data.analysis", true)]
    [InlineData("data.*", "data.analysis.fast", true)]
    [InlineData("data.*", "data", false)]
    [InlineData("data.*", "data.", false)]
    [InlineData("data.*", "database.query", false)]
    [InlineData("data.*", "image.generation", false)]
    [InlineData("*", "anything.at.all", true)]
    public void A_pattern_covers_what_lies_below_it(string pattern, string type, bool covers) =>
        Assert.Equal(covers, TypePattern.Covers(pattern, type));

    [Theory]
    [InlineData("*", true)]
    [InlineData("data.*", true)]
    [InlineData("data.analysis", true)]
    [InlineData("", false)]
    [InlineData(".*", false)]
    [InlineData("data*", false)]
    [InlineData("*.analysis", false)]
    [InlineData("data..*", false)]
    [InlineData("data.*.fast", false)]
    public void Only_the_end_may_be_open(string pattern, bool allowed) => Assert.Equal(allowed, TypePattern.IsPattern(pattern));

    [Fact]
    public void A_literal_covers_itself_and_nothing_else() => Prop.ForAll(
        (from a in Types from b in Types select (a, b)).ToArbitrary(),
        pair => Assert.Equal(pair.a == pair.b, TypePattern.Covers(pair.a, pair.b))).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_prefix_of_whole_segments_covers_the_type() => Prop.ForAll(Types.ToArbitrary(), type =>
    {
        for (var dot = type.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = type.IndexOf('.', dot + 1))
        {
            Assert.True(TypePattern.Covers(type[..dot] + ".*", type));
        }
    }).QuickCheckThrowOnFailure();
}
