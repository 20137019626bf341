using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// The one spelling of an enum everywhere outside C#: JSON, database, metrics, documents. <c>InputRequired</c> is
/// <c>input_required</c> unless <see cref="WordAttribute"/> says otherwise.
/// </summary>
public static class WireWord
{
    /// <summary>The wire word of a value.</summary>
    public static string Word<TEnum>(this TEnum value) where TEnum : struct, Enum =>
        Words<TEnum>.ByValue.TryGetValue(value, out var word)
            ? word
            : throw new ArgumentOutOfRangeException(nameof(value), value, "not a member of " + typeof(TEnum).Name);

    /// <summary>Reads a wire word or one of its aliases, in any case. False when the word is unknown.</summary>
    public static bool TryParse<TEnum>(string? word, out TEnum value) where TEnum : struct, Enum
    {
        value = default;
        return word is not null && Words<TEnum>.ByWord.TryGetValue(word, out value);
    }

    /// <summary>Reads a wire word that we wrote ourselves.</summary>
    /// <exception cref="FormatException">The word is unknown.</exception>
    public static TEnum Parse<TEnum>(string word) where TEnum : struct, Enum =>
        TryParse<TEnum>(word, out var value)
            ? value
            : throw new FormatException($"'{word}' is not a {typeof(TEnum).Name}");

    /// <summary>Every word of an enum in the order of its members, without aliases.</summary>
    public static IReadOnlyCollection<string> All<TEnum>() where TEnum : struct, Enum => Words<TEnum>.ByValue.Values;

    private static class Words<TEnum> where TEnum : struct, Enum
    {
        public static readonly FrozenDictionary<TEnum, string> ByValue = Enum.GetValues<TEnum>()
            .ToFrozenDictionary(value => value, Spell);

        public static readonly FrozenDictionary<string, TEnum> ByWord = Enum.GetValues<TEnum>()
            .SelectMany(value => Aliases(value).Prepend(Spell(value)), KeyValuePair.Create<TEnum, string>)
            .ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.OrdinalIgnoreCase);

        private static string Spell(TEnum value) =>
            Attribute(value)?.Word ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

        private static string[] Aliases(TEnum value) => Attribute(value)?.Aliases ?? [];

        private static WordAttribute? Attribute(TEnum value) =>
            typeof(TEnum).GetField(value.ToString())!.GetCustomAttribute<WordAttribute>();
    }
}

/// <summary>Spells an enum member when snake case is not it, and lists the other words that are understood on input.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class WordAttribute(string word, params string[] aliases) : Attribute
{
    /// <summary>The word that is written.</summary>
    public string Word { get; } = word;

    /// <summary>Further words that are read (requirements R8, R18).</summary>
    public string[] Aliases { get; } = aliases;
}

/// <summary>
/// Writes enums as their wire word. Reading a word that this build does not know gives the member <c>Unknown</c> where the
/// enum has one, so that contracts N and N-1 can meet (G20); otherwise it is an error of the message.
/// </summary>
public sealed class WireWordConverterFactory : JsonConverterFactory
{
    /// <inheritdoc />
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    /// <inheritdoc />
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(WordConverter<>).MakeGenericType(typeToConvert))!;

    private sealed class WordConverter<TEnum> : JsonConverter<TEnum> where TEnum : struct, Enum
    {
        private static readonly TEnum? Unknown = Enum.TryParse<TEnum>("Unknown", out var value) ? value : null;

        public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var word = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            return WireWord.TryParse<TEnum>(word, out var value)
                ? value
                : Unknown ?? throw new JsonException(
                    $"expected one of {string.Join(", ", WireWord.All<TEnum>())}" + (word is null ? "" : $", not '{word}'"));
        }

        public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Word());
    }
}
