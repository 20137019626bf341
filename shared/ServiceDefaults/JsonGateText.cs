using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace A2A.Micro.ServiceDefaults;

/// <summary>What may be wrong inside one JSON string or number.</summary>
internal static class JsonGateText
{
    /// <summary>
    /// The end of the sentence "This string ...", or null. PostgreSQL takes no NUL (22021, 22P05), and half a surrogate pair is no
    /// character: it can be read but not written again.
    /// </summary>
    public static string? WrongEscape(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) { return null; }
        var text = reader.ValueSpan;
        for (var i = text.IndexOf((byte)'\\'); i >= 0 && i < text.Length; i++)
        {
            if (text[i] != '\\') { continue; }
            i++;
            if (text[i] != 'u') { continue; }
            var unit = Unit(text, i + 1);
            i += 4;
            if (unit == 0) { return "contains the character NUL (\\u0000)"; }
            if (!char.IsSurrogate((char)unit)) { continue; }
            var paired = char.IsHighSurrogate((char)unit) && text[(i + 1)..].StartsWith("\\u"u8)
                && char.IsLowSurrogate((char)Unit(text, i + 3));
            if (!paired) { return $"contains half a surrogate pair (\\u{unit:x4})"; }
            i += 6;
        }

        return null;
    }

    /// <summary>UTF-8 bytes of a string without its escapes, which must be right.</summary>
    public static int Length(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Encoding.UTF8.GetByteCount(reader.GetString()!) : reader.ValueSpan.Length;

    /// <summary>A whole sentence, or null. What a double cannot hold becomes Infinity, which JSON cannot write.</summary>
    public static string? WrongNumber(ReadOnlySpan<byte> text, JsonGateLimits limits)
    {
        var e = text.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = e < 0 ? text : text[..e];
        var digits = 0;
        foreach (var c in mantissa) { digits += c is >= (byte)'0' and <= (byte)'9' ? 1 : 0; }
        if (digits > limits.NumberDigitsMax) { return $"This number has more than {limits.NumberDigitsMax} digits."; }
        if (e < 0) { return null; }
        var exponent = text[(e + 1)..];
        // More than nine digits do not fit an int and are far over any limit.
        var fits = int.TryParse(exponent, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power)
            && Math.Abs(power) <= limits.ExponentMax;
        if (!fits) { return $"The exponent of this number is over {limits.ExponentMax}."; }
        return Utf8Parser.TryParse(text, out double value, out _) && double.IsFinite(value) ? null : "This number is too large.";
    }

    private static int Unit(ReadOnlySpan<byte> text, int at) =>
        int.Parse(text.Slice(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
