using System.Globalization;
using System.Text.Json;

namespace A2A.Micro.Contracts.Wire;

/// <summary>JSON pointers (RFC 6901): a place inside a JSON document, such as <c>/summary/mean</c>. Pure.</summary>
public static class JsonPointer
{
    /// <summary>Longest pointer, in characters.</summary>
    public const int LengthMax = 256;

    /// <summary>Whether a text is a pointer: empty for the whole, else every name after a slash; <c>~0</c> and <c>~1</c> stand for ~ and /.</summary>
    public static bool IsPointer(string? text)
    {
        if (text is not { Length: <= LengthMax }) { return false; }
        if (text.Length > 0 && text[0] != '/') { return false; }
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) || char.IsSurrogate(text[i])) { return false; }
            if (text[i] == '~' && (i + 1 == text.Length || text[i + 1] is not ('0' or '1'))) { return false; }
        }

        return true;
    }

    /// <summary>The names on the way, without their escapes.</summary>
    public static IReadOnlyList<string> Names(string pointer) =>
        pointer.Length == 0
            ? []
            : [.. pointer[1..].Split('/').Select(name =>
                name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    /// <summary>What is at the place; null when nothing is. A JSON null that is there is there.</summary>
    public static JsonElement? Find(JsonElement root, string pointer)
    {
        var here = root;
        foreach (var name in Names(pointer))
        {
            switch (here.ValueKind)
            {
                case JsonValueKind.Object when here.TryGetProperty(name, out var member):
                    here = member;
                    break;
                case JsonValueKind.Array when Index(name) is { } index && index < here.GetArrayLength():
                    here = here[index];
                    break;
                default:
                    return null;
            }
        }

        return here;
    }

    /// <summary>An index into an array: digits without a leading zero; null when the name is none.</summary>
    public static int? Index(string name) =>
        name.Length is > 0 and <= 9 && name.All(char.IsAsciiDigit) && (name.Length == 1 || name[0] != '0')
            ? int.Parse(name, CultureInfo.InvariantCulture)
            : null;
}
