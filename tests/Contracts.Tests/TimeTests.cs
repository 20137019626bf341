using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Contracts.Tests;

/// <summary>Times (requirements R15): RFC 3339 with an offset in, UTC with milliseconds out.</summary>
public sealed class TimeTests
{
    [Theory]
    [InlineData("2024-03-21T15:00:00Z", "2024-03-21T15:00:00.000Z")]
    [InlineData("2024-03-21t15:00:00z", "2024-03-21T15:00:00.000Z")]
    [InlineData("2024-03-21T15:00:00.5Z", "2024-03-21T15:00:00.500Z")]
    [InlineData("2024-03-21T15:00:00.123456789Z", "2024-03-21T15:00:00.123Z")]
    [InlineData("2024-03-21T15:00:00+02:00", "2024-03-21T13:00:00.000Z")]
    [InlineData("2024-03-21T15:00:00-11:30", "2024-03-22T02:30:00.000Z")]
    [InlineData("2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z")]
    public void A_time_with_an_offset_is_read_and_written_in_utc(string text, string written)
    {
        Assert.True(UtcTimeConverter.TryParse(text, out var at));
        Assert.Equal(TimeSpan.Zero, at.Offset);
        Assert.Equal(written, UtcTimeConverter.Print(at));
    }

    [Theory]
    [InlineData("2024-03-21T15:00:00")]
    [InlineData("2024-03-21")]
    [InlineData("2024-03-21 15:00:00Z")]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2024-03-21T25:00:00Z")]
    [InlineData("21/03/2024T15:00:00Z")]
    [InlineData("tomorrow")]
    [InlineData("Z")]
    [InlineData("")]
    public void Anything_else_is_an_error(string text)
    {
        Assert.False(UtcTimeConverter.TryParse(text, out _));
        var fault = Assert.Throws<JsonException>(
            () => JsonSerializer.Deserialize<DateTimeOffset>(JsonSerializer.Serialize(text), WireJson.Options));
        Assert.Contains("RFC 3339", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_is_no_time() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DateTimeOffset>("1711033200", WireJson.Options));

    [Fact]
    public void Every_millisecond_survives() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).Select(ms => DateTimeOffset.UnixEpoch.AddMilliseconds(ms * 700L)).ToArbitrary(),
        at =>
        {
            Assert.True(UtcTimeConverter.TryParse(UtcTimeConverter.Print(at), out var again));
            Assert.Equal(at, again);
        }).QuickCheckThrowOnFailure();
}
