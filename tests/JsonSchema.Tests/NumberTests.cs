using System.Globalization;
using System.Numerics;
using System.Text.Json;
using A2A.Micro.JsonSchema.Keywords;
using FsCheck;
using FsCheck.Fluent;
using static A2A.Micro.JsonSchema.Tests.Verdicts;

namespace A2A.Micro.JsonSchema.Tests;

/// <summary>Numbers are compared as they are written, not as a processor rounds them.</summary>
public sealed class NumberTests
{
    [Theory]
    [InlineData("""{"multipleOf":0.1}""", "0.3")]
    [InlineData("""{"multipleOf":0.0001}""", "0.0075")]
    [InlineData("""{"multipleOf":3}""", "3e1000000")]
    [InlineData("""{"maximum":1e400}""", "9e399")]
    [InlineData("""{"type":"integer"}""", "1.50e1")]
    [InlineData("""{"const":1}""", "1.0")]
    [InlineData("""{"uniqueItems":true}""", "[1,true,\"1\",[1],{\"a\":1}]")]
    public void These_fit(string schema, string value) => Assert.Empty(Check(schema, value));

    [Theory]
    [InlineData("""{"multipleOf":0.2}""", "0.3")]
    [InlineData("""{"multipleOf":7}""", "1e1000000")]
    [InlineData("""{"maximum":9007199254740992}""", "9007199254740993")]
    [InlineData("""{"exclusiveMinimum":-1e-400}""", "-1e-399")]
    [InlineData("""{"type":"integer"}""", "1e-1")]
    [InlineData("""{"uniqueItems":true}""", "[1,1.0]")]
    [InlineData("""{"uniqueItems":true}""", "[{\"a\":1,\"b\":[0]},{\"b\":[-0.0],\"a\":1e0}]")]
    public void These_do_not(string schema, string value) => Assert.NotEmpty(Check(schema, value));

    [Fact]
    public void Order_and_divisibility_are_those_of_fractions() => Prop.ForAll(
        ArbMap.Default.ArbFor<(int, sbyte, int, sbyte)>(),
        ((int, sbyte, int, sbyte) pair) =>
        {
            var (a, b) = (Number(pair.Item1, pair.Item2 % 20), Number(pair.Item3, pair.Item4 % 20));
            var (wholeA, wholeB) = (Scaled(pair.Item1, pair.Item2 % 20), Scaled(pair.Item3, pair.Item4 % 20));
            return Math.Sign(a.CompareTo(b)) == Math.Sign(wholeA.CompareTo(wholeB))
                && (wholeB.Sign <= 0 || b.IsDivisorOf(a) == (wholeA % wholeB).IsZero);
        }).QuickCheckThrowOnFailure();

    private static DecimalNumber Number(int digits, int exponent) =>
        DecimalNumber.TryRead(JsonElement.Parse(digits.ToString(CultureInfo.InvariantCulture) + "e" + exponent.ToString(CultureInfo.InvariantCulture)))!.Value;

    private static BigInteger Scaled(int digits, int exponent) => digits * BigInteger.Pow(10, exponent + 20);
}
