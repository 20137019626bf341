using System.Text.Json;

namespace A2A.Micro.JsonSchema.Tests;

/// <summary>Patterns mean what ECMA-262 says, where .NET would mean something else.</summary>
public sealed class PatternTests
{
    [Theory]
    [InlineData("^a$", "a", true)]
    [InlineData("^a$", "a\n", false)]
    [InlineData(@"^\d$", "7", true)]
    [InlineData(@"^\d$", "\u0967", false)]
    [InlineData(@"^\w$", "\u00e9", false)]
    [InlineData(@"^\s$", "\ufeff", true)]
    [InlineData(@"^[^\s\d]+$", "ab", true)]
    [InlineData(@"^[\D]$", "7", false)]
    [InlineData(@"^\p{Letter}$", "\u00e9", true)]
    [InlineData("^.$", "\u2028", false)]
    [InlineData("^\ud83d\udc32*$", "\ud83d\udc32\ud83d\udc32", true)]
    [InlineData(@"^\u{1F432}$", "\ud83d\udc32", true)]
    [InlineData("^[A-[]$", "Z", true)]
    [InlineData("^(?!foo)", "foobar", false)]
    [InlineData("b", "abc", true)]
    public void A_pattern_is_matched(string pattern, string text, bool fits) => Assert.Equal(
        fits,
        CompiledSchema.Parse(JsonSerializer.Serialize(new { pattern })).IsValid(JsonSerializer.SerializeToElement(text)));
}
