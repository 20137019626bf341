namespace A2A.Micro.Persistence.Tests;

public sealed class FailpointTests
{
    [Fact]
    public void A_failpoint_throws_at_its_hit_only()
    {
        var plan = FailpointPlan.Parse("before.commit:throw@2, other:delay=1");
        plan.Hit("before.commit");
        _ = Assert.Throws<FailpointException>(() => plan.Hit("before.commit"));
        plan.Hit("before.commit");
        plan.Hit("other");
        plan.Hit("unknown");
    }

    [Fact]
    public void Without_a_number_every_hit_counts()
    {
        var plan = FailpointPlan.Parse("a:throw");
        _ = Assert.Throws<FailpointException>(() => plan.Hit("a"));
        _ = Assert.Throws<FailpointException>(() => plan.Hit("a"));
    }

    [Theory]
    [InlineData("a")]
    [InlineData(":kill")]
    [InlineData("a:explode")]
    [InlineData("a:throw@x")]
    [InlineData("a:throw@0")]
    [InlineData("a:delay=soon")]
    public void A_misspelt_one_is_refused(string text)
    {
        Assert.StartsWith("A2A_FAILPOINTS has ", Assert.Throws<FormatException>(() => FailpointPlan.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unarmed_a_hit_does_nothing()
    {
        Assert.False(Failpoints.AreArmed);
        Failpoints.Hit("anything");
    }
}
