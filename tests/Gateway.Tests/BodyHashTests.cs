using System.Text.Json;
using A2A.Micro.Gateway.Tasks;

namespace A2A.Micro.Gateway.Tests;

public sealed class BodyHashTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":2,"d":3}}""", """{ "b" : { "d":3, "c":2 }, "a":1 }""")]
    [InlineData("[16,16.0,1.6e1]", "[16.0,1.60E+1,16]")]
    [InlineData("[0,-0,0.0,0e9]", "[0.0,0,0,0]")]
    [InlineData("\"\\u00e9\"", "\"é\"")]
    public void The_same_said_otherwise_is_the_same(string one, string other) => Assert.Equal(Hash(one), Hash(other));

    [Theory]
    [InlineData("1", "\"1\"")]
    [InlineData("[1,2]", "[2,1]")]
    [InlineData("""{"a":null}""", "{}")]
    [InlineData("1e-40", "0")]
    [InlineData("1e-40", "2e-40")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567891")]
    [InlineData("0.1", "0.10000000000000000001")]
    public void What_differs_differs(string one, string other) => Assert.NotEqual(Hash(one), Hash(other));

    private static string Hash(string json) => Convert.ToHexString(BodyHash.Of(JsonElement.Parse(json)));
}
