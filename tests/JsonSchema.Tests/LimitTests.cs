using System.Diagnostics;
using System.Text.Json;
using static A2A.Micro.JsonSchema.Tests.Verdicts;

namespace A2A.Micro.JsonSchema.Tests;

/// <summary>Whatever schema and value are: an answer comes soon, and it is no crash.</summary>
public sealed class LimitTests
{
    [Fact]
    public void A_schema_that_only_refers_to_itself_is_too_deep() =>
        Assert.Contains("too deep", Assert.Single(Check("""{"$ref":"#"}""", "1")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_schema_that_doubles_at_every_step_runs_out_of_budget()
    {
        var names = Enumerable.Range(0, 40).ToList();
        var schema = "{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + string.Join(",", names.Select(i => i == 39
            ? "\"d39\":{\"type\":\"string\"}"
            : $"\"d{i}\":{{\"allOf\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"$ref\":\"#/$defs/d{i + 1}\"}}]}}")) + "}}";
        Assert.Contains("given up", Check(schema, "\"x\"")[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_equal_hashes_run_out_of_budget_instead_of_time()
    {
        // Beyond 2^53 neighbours are the same double, hence the same hash; as numbers they differ.
        var list = "[" + string.Join(",", Enumerable.Range(0, 4000).Select(i => $"1000000000000000000000000000{i:0000}")) + "]";
        Assert.Contains("given up", Assert.Single(Check("""{"uniqueItems":true}""", list)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(?=(a+)+$)(a|a)*$")]
    public void A_pattern_that_explodes_is_stopped(string pattern)
    {
        var watch = Stopwatch.StartNew();
        var schema = JsonSerializer.Serialize(new { pattern });
        Assert.NotEmpty(Check(schema, $"\"{new string('a', 5000)}!\""));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"it took {watch.Elapsed}");
    }

    [Fact]
    public void A_schema_with_too_many_parts_is_refused()
    {
        var schema = "{\"anyOf\":[" + string.Join(",", Enumerable.Repeat("{}", 11_000)) + "]}";
        Assert.Contains("subschemas", Assert.Throws<InvalidSchemaException>(() => CompiledSchema.Parse(schema)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_is_a_mistake_and_no_crash() =>
        Assert.Contains("surrogate", Assert.Single(Check("""{"minLength":1}""", "\"\\ud800\"")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_number_with_a_thousand_digits_and_more_is_a_mistake() =>
        Assert.Contains("digits", Assert.Single(Check("""{"minimum":1}""", "1" + new string('0', 1500))).Message, StringComparison.Ordinal);
}
