using System.Text.Json;
using static A2A.Micro.JsonSchema.Tests.Verdicts;

namespace A2A.Micro.JsonSchema.Tests;

/// <summary>Which schemas can be used, and how they refer to each other.</summary>
public sealed class SchemaTests
{
    [Theory]
    [InlineData("""{"type":"strnig"}""", "#/type")]
    [InlineData("""{"properties":{"a":{"minLength":-1}}}""", "#/properties/a/minLength")]
    [InlineData("""{"pattern":"(unclosed"}""", "#/pattern")]
    [InlineData("""{"pattern":"\\a"}""", "#/pattern")]
    [InlineData("""{"required":["a","a"]}""", "#/required")]
    [InlineData("""{"multipleOf":0}""", "#/multipleOf")]
    [InlineData("""{"items":[true]}""", "#/items")]
    [InlineData("""{"allOf":[]}""", "#/allOf")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#"}""", "#/$schema")]
    [InlineData("""{"$ref":"#/$defs/nothing"}""", "#/$ref")]
    [InlineData("""{"$ref":"https://example.org/other.json"}""", "#/$ref")]
    [InlineData("""{"$ref":"file:///etc/passwd"}""", "#/$ref")]
    [InlineData("""7""", "#")]
    [InlineData("""{""", "#")]
    public void What_is_no_schema_is_refused_with_its_place(string schema, string pointer)
    {
        var refusal = Assert.Throws<InvalidSchemaException>(() => CompiledSchema.Parse(schema));
        Assert.Contains(refusal.Errors, error => error.Pointer == pointer);
    }

    [Fact]
    public void All_that_is_wrong_with_a_schema_is_said_at_once()
    {
        var refusal = Assert.Throws<InvalidSchemaException>(() => CompiledSchema.Parse("""{"type":1,"minItems":"x","$ref":"#/no"}"""));
        Assert.Equal(["#/type", "#/minItems", "#/$ref"], refusal.Errors.Select(error => error.Pointer));
    }

    [Fact]
    public void Another_document_is_used_when_it_is_handed_over()
    {
        var options = new SchemaOptions
        {
            Documents = new Dictionary<string, JsonElement> { ["https://example.org/int.json"] = JsonElement.Parse("""{"type":"integer"}""") },
        };
        Assert.Equal(["#"], Check("""{"$ref":"https://example.org/int.json"}""", "\"x\"", options).Select(error => error.Pointer));
    }

    [Theory]
    [InlineData("""{"$defs":{"n":{"$anchor":"num","type":"number"}},"$ref":"#num"}""")]
    [InlineData("""{"$id":"https://example.org/a","$defs":{"n":{"$id":"n","type":"number"}},"$ref":"n"}""")]
    [InlineData("""{"$defs":{"x/y":{"type":"number"}},"$ref":"#/$defs/x~1y"}""")]
    [InlineData("""{"x-kinds":{"n":{"type":"number"}},"$ref":"#/x-kinds/n"}""")]
    public void A_reference_leads_to_addresses_anchors_and_places(string schema)
    {
        Assert.Empty(Check(schema, "1"));
        Assert.NotEmpty(Check(schema, "\"x\""));
    }

    [Fact]
    public void A_schema_of_schemas_needs_no_document()
    {
        const string Schema = """{"$ref":"https://json-schema.org/draft/2020-12/schema"}""";
        Assert.Empty(Check(Schema, """{"properties":{"a":{"type":"string"}}}"""));
        Assert.Equal(["#/properties/a/type"], Check(Schema, """{"properties":{"a":{"type":7}}}""").Select(error => error.Pointer));
    }

    [Fact]
    public void A_schema_outlives_the_message_it_came_in()
    {
        CompiledSchema schema;
        using (var message = JsonDocument.Parse("""{"schema":{"enum":["a"]}}"""))
        {
            schema = CompiledSchema.From(message.RootElement.GetProperty("schema"));
        }

        Assert.True(schema.IsValid(JsonElement.Parse("\"a\"")));
        Assert.False(schema.IsValid(JsonElement.Parse("\"b\"")));
    }

    [Fact]
    public void Many_threads_use_one_schema()
    {
        var schema = CompiledSchema.Parse(
            """{"$dynamicAnchor":"n","properties":{"next":{"$dynamicRef":"#n"}},"required":["v"],"unevaluatedProperties":{"type":"integer"}}""");
        var good = JsonElement.Parse("""{"v":1,"next":{"v":2,"next":{"v":3}}}""");
        var bad = JsonElement.Parse("""{"v":1,"next":{"v":2,"next":{}}}""");
        _ = Parallel.For(0, 2000, _ =>
        {
            Assert.Empty(schema.Validate(good));
            Assert.Equal("#/next/next/v", Assert.Single(schema.Validate(bad)).Pointer);
        });
    }
}
