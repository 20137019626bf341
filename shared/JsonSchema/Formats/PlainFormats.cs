using System.Globalization;
using A2A.Micro.JsonSchema.Keywords;

namespace A2A.Micro.JsonSchema.Formats;

/// <summary>Identifiers, pointers and patterns.</summary>
internal static class PlainFormats
{
    /// <summary>RFC 9562: 8-4-4-4-12 hexadecimal digits.</summary>
    public static bool IsUuid(string text) => text.Length == 36 && Guid.TryParseExact(text, "D", out _);

    /// <summary>RFC 6901.</summary>
    public static bool IsJsonPointer(string text)
    {
        if (text.Length > 0 && text[0] != '/') { return false; }
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '~' && (i + 1 == text.Length || text[i + 1] is not ('0' or '1'))) { return false; }
        }

        return true;
    }

    /// <summary>A number of steps upwards, then a pointer or <c>#</c>.</summary>
    public static bool IsRelativeJsonPointer(string text)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) { digits++; }
        if (digits == 0 || (digits > 1 && text[0] == '0')) { return false; }
        var rest = text[digits..];
        return rest == "#" || IsJsonPointer(rest);
    }

    /// <summary>A pattern that could be used.</summary>
    public static bool IsRegex(string text) => EcmaPattern.TryParse(text, TimeSpan.FromSeconds(1), out _, out _);

    /// <summary>A run of ASCII digits as a number; -1 when it is none.</summary>
    public static int Digits(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
