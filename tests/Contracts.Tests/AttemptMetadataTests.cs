using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Contracts.Tests;

/// <summary>Requirement 94 and R10: what an agent is told about earlier attempts is the system's word.</summary>
[Trait("Requirement", "94")]
public sealed class AttemptMetadataTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("""{"order":7,"n":1.0}""")]
    [InlineData("[1,2]")]
    public void A_first_attempt_gets_its_metadata_as_they_were_submitted(string? json)
    {
        var given = json is null ? (JsonElement?)null : JsonElement.Parse(json);

        Assert.Equal(json, AttemptMetadata.Of(given, 1, [])?.GetRawText());
        Assert.Empty(AttemptMetadata.Errors(given));
    }

    [Fact]
    public void A_later_one_also_gets_its_number_and_the_last_ten_errors()
    {
        var notes = Enumerable.Range(1, 12).Select(n => $"attempt {n} failed").ToList();

        var told = AttemptMetadata.Of(JsonElement.Parse("""{"order":7}"""), 13, notes)!.Value;

        Assert.Equal((7, 13), (told.GetProperty("order").GetInt32(), told.GetProperty("a2a.attempt").GetInt32()));
        Assert.Equal(notes.Skip(2), AttemptMetadata.Errors(told));
        Assert.Equal(notes.Skip(2), AttemptMetadata.Errors(AttemptMetadata.Of(null, 13, notes)));
    }

    [Fact]
    public void What_somebody_else_wrote_under_these_names_is_gone()
    {
        var forged = JsonElement.Parse("""{"order":7,"a2a.attempt":99,"a2a.earlier_errors":["none"]}""");

        Assert.Equal("""{"order":7}""", AttemptMetadata.Of(forged, 1, [])!.Value.GetRawText());
        Assert.Equal(["it failed"], AttemptMetadata.Errors(AttemptMetadata.Of(forged, 2, ["it failed"])));
    }

    [Theory]
    [InlineData("""{"a2a.earlier_errors":"none"}""")]
    [InlineData("""{"a2a.earlier_errors":[1,null]}""")]
    [InlineData("7")]
    public void Metadata_of_another_form_hold_no_errors(string json) => Assert.Empty(AttemptMetadata.Errors(JsonElement.Parse(json)));
}
