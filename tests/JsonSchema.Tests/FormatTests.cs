using System.Text.Json;

namespace A2A.Micro.JsonSchema.Tests;

/// <summary>A good and a bad text of every format; the official suite has many more.</summary>
public sealed class FormatTests
{
    [Theory]
    [InlineData("date-time", "2026-01-31T12:00:00+02:00", "2026-02-30T12:00:00Z")]
    [InlineData("date", "2024-02-29", "2026-02-29")]
    [InlineData("time", "23:59:60Z", "12:00:00")]
    [InlineData("duration", "P3DT12H", "P1Y2D")]
    [InlineData("email", "name+tag@example.org", "name@@example.org")]
    [InlineData("idn-email", "\u5b9f\u4f8b@example.org", "example.org")]
    [InlineData("hostname", "www.example.org", "-www.example.org")]
    [InlineData("idn-hostname", "\u5b9f\u4f8b.example", "\u302e\uc2e4.example")]
    [InlineData("ipv4", "192.0.2.1", "192.0.2.01")]
    [InlineData("ipv6", "2001:db8::1", "2001:db8:::1")]
    [InlineData("uri", "https://example.org/a?b#c", "/a?b#c")]
    [InlineData("uri-reference", "/a?b#c", "a b")]
    [InlineData("iri", "https://example.org/\u00e9", "/\u00e9")]
    [InlineData("iri-reference", "/\u00e9", "\\\u00e9")]
    [InlineData("uri-template", "https://example.org/{id}", "https://example.org/{id")]
    [InlineData("uuid", "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5dac96774bbcceb302099a8057")]
    [InlineData("json-pointer", "/a~1b/0", "a/0")]
    [InlineData("relative-json-pointer", "1/a", "-1/a")]
    [InlineData("regex", "^a+$", "a(")]
    public void A_format_takes_the_good_and_refuses_the_bad(string format, string good, string bad)
    {
        var schema = CompiledSchema.Parse(JsonSerializer.Serialize(new { format }));
        Assert.Empty(schema.Validate(JsonSerializer.SerializeToElement(good)));
        Assert.Equal("format", Assert.Single(schema.Validate(JsonSerializer.SerializeToElement(bad))).Keyword);
    }

    [Fact]
    public void An_unknown_format_is_a_remark() => Assert.Empty(Verdicts.Check("""{"format":"colour"}""", "\"x\""));
}
