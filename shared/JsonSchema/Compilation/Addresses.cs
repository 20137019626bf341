using System.Globalization;
using System.Text.Json;

namespace A2A.Micro.JsonSchema.Compilation;

/// <summary>Addresses of schemas, and the steps of pointers.</summary>
internal static class Addresses
{
    /// <summary>What a text means from here; null when it means nothing.</summary>
    public static Uri? Resolve(Uri from, string text)
    {
        if (text.Length == 0 || text == "#") { return from; }
        // A urn has no folders that something could be relative to.
        return text[0] == '#'
            ? Uri.TryCreate(Key(from) + text, UriKind.Absolute, out var inside) ? inside : null
            : Uri.TryCreate(from, text, out var address) ? address : null;
    }

    /// <summary>The address without fragment, as a key.</summary>
    public static string Key(Uri address)
    {
        var text = address.AbsoluteUri;
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? text : text[..hash];
    }

    /// <summary>Whether this may name a place.</summary>
    public static bool IsAnchor(string name) =>
        name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>Goes one step of a pointer; false when there is nothing.</summary>
    public static bool Step(ref JsonElement element, string step)
    {
        var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        if (element.ValueKind == JsonValueKind.Object) { return element.TryGetProperty(name, out element); }
        if (element.ValueKind != JsonValueKind.Array
            || !int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= element.GetArrayLength())
        {
            return false;
        }

        element = element[index];
        return true;
    }
}
