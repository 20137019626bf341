using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// Times are RFC 3339 with an offset on the way in (a time without one is an error, requirements R15) and UTC with
/// milliseconds and <c>Z</c> on the way out.
/// </summary>
public sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <inheritdoc />
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || reader.GetString() is not { } text || !TryParse(text, out var at))
        {
            throw new JsonException("expected an RFC 3339 time with an offset, such as 2026-03-21T15:00:00Z");
        }

        return at;
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Print(value));

    /// <summary>The wire form of a time.</summary>
    public static string Print(DateTimeOffset at) => at.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>Reads an RFC 3339 time; false without an offset or outside the calendar.</summary>
    public static bool TryParse(string text, out DateTimeOffset at)
    {
        at = default;
        // Without an offset .NET would silently take the host's zone.
        var hasOffset = text.EndsWith('Z') || text.EndsWith('z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        if (!hasOffset || text.Length < 20 || text[10] is not ('T' or 't')) { return false; }
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed)) { return false; }
        at = parsed.ToUniversalTime();
        return true;
    }
}
