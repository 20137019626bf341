using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tests;

/// <summary>Parts of a result on their way into parameters.</summary>
public sealed class ParameterMapTests
{
    [Theory]
    [InlineData("", """{"a":{"b":[1,{"c":null}]},"x/y":2,"~":3,"":4}""")]
    [InlineData("/a/b/0", "1")]
    [InlineData("/a/b/1/c", "null")]
    [InlineData("/x~1y", "2")]
    [InlineData("/~0", "3")]
    [InlineData("/", "4")]
    [InlineData("/a/b/2", null)]
    [InlineData("/a/b/00", null)]
    [InlineData("/a/b/-", null)]
    [InlineData("/a/b/1/c/d", null)]
    [InlineData("/A", null)]
    public void A_pointer_finds_what_is_there(string pointer, string? found) => Assert.Equal(
        found, JsonPointer.Find(JsonElement.Parse("""{"a":{"b":[1,{"c":null}]},"x/y":2,"~":3,"":4}"""), pointer)?.GetRawText());

    [Theory]
    [InlineData("a"), InlineData("/~"), InlineData("/~2"), InlineData("/\u0001"), InlineData("#/a"), InlineData(null)]
    public void What_is_no_pointer_is_refused(string? text) => Assert.False(JsonPointer.IsPointer(text));

    [Theory]
    [InlineData(null, "/a/b", """{"a":{"b":1.50}}""")]
    [InlineData("null", "/a", """{"a":1.50}""")]
    [InlineData("""{"a":null,"z":0.10}""", "/a/b", """{"z":0.10,"a":{"b":1.50}}""")]
    [InlineData("""{"a":{"b":7,"c":8}}""", "/a/b", """{"a":{"c":8,"b":1.50}}""")]
    [InlineData("""{"a":[1,2,3]}""", "/a/1", """{"a":[1,1.50,3]}""")]
    [InlineData("""{"a":[{"b":2}]}""", "/a/0/c", """{"a":[{"b":2,"c":1.50}]}""")]
    [InlineData("""{"a":1}""", "", "1.50")]
    [InlineData("[1]", "/0", "[1.50]")]
    public void A_value_is_put_in_its_place_to_the_digit(string? parameters, string target, string expected)
    {
        var given = parameters is null ? (JsonElement?)null : JsonElement.Parse(parameters);
        Assert.Null(ParameterMap.Obstacle(given, target));
        Assert.Equal(expected, ParameterMap.Apply(given, [new(target, JsonElement.Parse("1.50"))])!.Value.GetRawText());
    }

    [Theory]
    [InlineData("""{"a":1}""", "/a/b")]
    [InlineData("""{"a":[1]}""", "/a/1")]
    [InlineData("""{"a":[1]}""", "/a/-")]
    [InlineData("7", "/a")]
    public void Where_nothing_can_be_put_is_said_beforehand(string parameters, string target) =>
        Assert.NotNull(ParameterMap.Obstacle(JsonElement.Parse(parameters), target));

    [Fact]
    public void Without_values_parameters_stay_as_they_are_written()
    {
        var parameters = JsonElement.Parse("""{ "a" : 1e3 }""");
        Assert.Equal("""{ "a" : 1e3 }""", ParameterMap.Apply(parameters, [])!.Value.GetRawText());
        Assert.Equal((0, 1, 3), (Depth("1"), Depth("[]"), Depth("""{"a":[{"b":1}]}""")));
    }

    private static int Depth(string json) => ParameterMap.Depth(JsonElement.Parse(json));
}
