using System.Reflection;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tests;

/// <summary>Enums travel as words: one spelling out, a few more in.</summary>
[Trait("Requirement", "53")]
public sealed class WordTests
{
    public static TheoryData<Type> Enums => [.. typeof(WireJson).Assembly.GetExportedTypes().Where(type => type.IsEnum)];

    [Theory]
    [MemberData(nameof(Enums))]
    public void Every_word_leads_back_to_its_value(Type type) => Generic(nameof(RoundTrip), type);

    [Theory]
    [MemberData(nameof(Enums))]
    public void An_unknown_word_is_Unknown_where_there_is_one_and_an_error_elsewhere(Type type) => Generic(nameof(UnknownWord), type);

    [Fact]
    public void The_states_are_the_twelve_of_the_protocol() => Assert.Equal(
        [
            "submitted", "blocked", "queued", "offered", "running", "paused", "input_required",
            "completed", "failed", "cancelled", "rejected", "expired",
        ],
        Enum.GetValues<TaskState>().Where(state => state != TaskState.Unknown).Select(state => state.Word()));

    [Theory]
    [InlineData("pending", TaskState.Submitted)]
    [InlineData("in_progress", TaskState.Running)]
    [InlineData("working", TaskState.Running)]
    [InlineData("canceled", TaskState.Cancelled)]
    [InlineData("COMPLETED", TaskState.Completed)]
    public void Other_spellings_are_understood(string word, TaskState state) => Assert.Equal(state, WireWord.Parse<TaskState>(word));

    [Fact]
    public void Only_the_last_five_states_are_terminal() => Assert.Equal(
        [TaskState.Completed, TaskState.Failed, TaskState.Cancelled, TaskState.Rejected, TaskState.Expired],
        Enum.GetValues<TaskState>().Where(state => state.IsTerminal()));

    [Fact]
    public void A_value_without_a_member_has_no_word() => Assert.Throws<ArgumentOutOfRangeException>(() => ((TaskState)99).Word());

    [Fact]
    public void A_word_of_ours_must_be_known() => Assert.Throws<FormatException>(() => WireWord.Parse<TaskState>("sideways"));

    [Fact]
    public void A_number_is_no_word() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Severity>("1", WireJson.Options));

    private static void RoundTrip<TEnum>() where TEnum : struct, Enum
    {
        var words = Enum.GetValues<TEnum>().Select(value => value.Word()).ToArray();
        Assert.Equal(words.Length, words.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(words.Order(), WireWord.All<TEnum>().Order());
        foreach (var value in Enum.GetValues<TEnum>())
        {
            Assert.Equal(value, WireWord.Parse<TEnum>(value.Word()));
            Assert.Equal(value, WireWord.Parse<TEnum>(value.Word().ToUpperInvariant()));
            var json = JsonSerializer.Serialize(value, WireJson.Options);
            Assert.Equal($"\"{value.Word()}\"", json);
            Assert.Equal(value, JsonSerializer.Deserialize<TEnum>(json, WireJson.Options));
        }
    }

    private static void UnknownWord<TEnum>() where TEnum : struct, Enum
    {
        const string json = "\"a_word_of_the_future\"";
        if (Enum.TryParse<TEnum>("Unknown", out var unknown))
        {
            Assert.Equal(unknown, JsonSerializer.Deserialize<TEnum>(json, WireJson.Options));
        }
        else
        {
            var fault = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<TEnum>(json, WireJson.Options));
            Assert.All(WireWord.All<TEnum>(), word => Assert.Contains(word, fault.Message, StringComparison.Ordinal));
        }
    }

    private static void Generic(string method, Type type) => typeof(WordTests)
        .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(type)
        .CreateDelegate<Action>()();
}
