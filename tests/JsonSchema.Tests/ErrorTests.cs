using static A2A.Micro.JsonSchema.Tests.Verdicts;

namespace A2A.Micro.JsonSchema.Tests;

/// <summary>What a caller is told: every mistake, where it is, and what would be right.</summary>
public sealed class ErrorTests
{
    private const string Order = """
        {
          "type": "object",
          "properties": {
            "email": { "type": "string", "format": "email", "maxLength": 20 },
            "size": { "$ref": "#/$defs/size" },
            "colour": { "enum": ["red", "green"] },
            "tags": { "type": "array", "items": { "type": "string", "minLength": 2 }, "uniqueItems": true }
          },
          "required": ["email", "size"],
          "additionalProperties": false,
          "$defs": {
            "size": {
              "type": "object",
              "properties": { "width": { "type": "integer", "minimum": 16 } },
              "required": ["width"]
            }
          }
        }
        """;

    [Fact]
    public void A_good_value_has_no_errors() =>
        Assert.Empty(Check(Order, """{"email":"a@example.org","size":{"width":16.0},"colour":"red","tags":["ab","cd"]}"""));

    [Fact]
    public void Every_mistake_is_named_with_its_place() => Assert.Equal(
        """
        #/email format: must be an e-mail address such as name@example.org
        #/size/width minimum: must be at least 16
        #/colour enum: must be one of "red", "green"
        #/tags/1 uniqueItems: is the same as item 0; every item may be there once
        #/tags/2 minLength: at least 2 characters
        #/a~1b additionalProperties: is not known here; known are email, size, colour, tags
        """,
        Sorted(Lines(Order, """{"email":"nobody","size":{"width":3},"colour":"blue","tags":["ab","ab","c"],"a/b":1}""")));

    [Fact]
    public void A_missing_member_is_named_as_if_it_were_there() => Assert.Equal(
        "#/email required: is required and missing\n#/size/width required: is required and missing", Lines(Order, """{"size":{}}"""));

    [Fact]
    public void The_wrong_type_is_said_in_words_and_values_are_never_repeated()
    {
        var lines = Lines("""{"type":["integer","null"]}""", "\"my secret\"");
        Assert.Equal("# type: must be a whole number or null, not a text", lines);
    }

    [Theory]
    [InlineData("""{"anyOf":[{"type":"null"},{"type":"object","required":["a"]}]}""", "{}", "#/a required: is required and missing")]
    [InlineData("""{"oneOf":[{"type":"null"},{"type":"number","maximum":3}]}""", "4", "# maximum: must be at most 3")]
    [InlineData("""{"anyOf":[{"maximum":3},{"minimum":9}]}""", "5", "# anyOf: fits none of 2 alternatives")]
    [InlineData("""{"oneOf":[{"maximum":3},{"minimum":1}]}""", "2", "# oneOf: must fit exactly one of 2 alternatives, and fits 1 and 2")]
    public void Of_several_alternatives_the_one_that_was_meant_is_explained(string schema, string value, string expected) =>
        Assert.Equal(expected, Lines(schema, value));

    [Fact]
    public void A_bad_name_is_reported_at_the_member() => Assert.Equal(
        "#/Ab pattern: its name: must match the pattern ^[a-z]+$", Lines("""{"propertyNames":{"pattern":"^[a-z]+$"}}""", """{"Ab":1}"""));

    [Fact]
    public void No_more_errors_are_listed_than_asked_for()
    {
        var list = "[" + string.Join(",", Enumerable.Repeat("\"x\"", 500)) + "]";
        Assert.Equal(7, Check("""{"items":{"type":"number"}}""", list, new SchemaOptions { ErrorsMax = 7 }).Count);
    }

    private static string Sorted(string lines)
    {
        string[] order = ["#/email", "#/size", "#/colour", "#/tags/1", "#/tags/2", "#/a"];
        return string.Join("\n", lines.Split('\n').OrderBy(line => Array.FindIndex(order, start => line.StartsWith(start, StringComparison.Ordinal))));
    }
}
