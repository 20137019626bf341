using System.Text.RegularExpressions;

namespace A2A.Micro.JsonSchema.Formats;

/// <summary>RFC 3986, and RFC 3987 where other letters are allowed.</summary>
internal static partial class UriFormats
{
    private const string SubDelimiters = "!$&'()*+,;=";
    private const string Name = @"(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+";
    private const string Variable = Name + @"(?:\." + Name + @")*(?::[1-9][0-9]{0,3}|\*)?";
    private const string PathMarks = "-._~:@/" + SubDelimiters;

    /// <summary>With a scheme.</summary>
    public static bool IsUri(string text, bool international) => IsReference(text, international, needsScheme: true);

    /// <summary>With or without a scheme.</summary>
    public static bool IsReference(string text, bool international) => IsReference(text, international, needsScheme: false);

    /// <summary>RFC 6570.</summary>
    public static bool IsTemplate(string text)
    {
        var rest = Expression().Replace(text, "");
        return !rest.Any(c => c is '{' or '}' or ' ' or '"' or '<' or '>' or '\\' or '^' or '`' or '|' or < ' ' or '\u007f');
    }

    private static bool IsReference(string text, bool international, bool needsScheme)
    {
        var parts = Parts().Match(text);
        var scheme = parts.Groups["scheme"];
        if (needsScheme && !scheme.Success) { return false; }
        var path = parts.Groups["path"].Value;
        // Without a scheme, a colon in the first segment would begin one.
        if (!scheme.Success && !parts.Groups["authority"].Success && path.Split('/')[0].Contains(':', StringComparison.Ordinal)) { return false; }
        return Has(path, PathMarks, international)
            && Has(parts.Groups["query"].Value, PathMarks + "?", international, isQuery: true)
            && Has(parts.Groups["fragment"].Value, PathMarks + "?", international)
            && (!parts.Groups["authority"].Success || IsAuthority(parts.Groups["authority"].Value, international));
    }

    private static bool IsAuthority(string text, bool international)
    {
        var at = text.LastIndexOf('@');
        if (at >= 0 && !Has(text[..at], "-._~:" + SubDelimiters, international)) { return false; }
        var host = text[(at + 1)..];
        var port = Port().Match(host);
        if (port.Success) { host = host[..port.Index]; }
        return host.StartsWith('[') && host.EndsWith(']')
            ? HostFormats.IsIpv6(host[1..^1]) || FutureAddress().IsMatch(host[1..^1])
            : Has(host, "-._~" + SubDelimiters, international);
    }

    private static bool Has(string text, string marks, bool international, bool isQuery = false)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) { return false; }
                i += 2;
            }
            else if (!char.IsAsciiLetterOrDigit(c) && !marks.Contains(c, StringComparison.Ordinal) && !(international && IsInternational(c, isQuery)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsInternational(char c, bool isQuery) =>
        c >= 0xa0 && (isQuery || c is not (>= '\ue000' and <= '\uf8ff')) && c is not (>= '\ufdd0' and <= '\ufdef') and < '\ufff0';

    [GeneratedRegex(
        @"^(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?://(?<authority>[^/?#]*))?(?<path>[^?#]*)(?:\?(?<query>[^#]*))?(?:#(?<fragment>.*))?\z",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Parts();

    [GeneratedRegex(@":[0-9]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Port();

    [GeneratedRegex(@"^[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex FutureAddress();

    [GeneratedRegex(@"\{[+#./;?&=,!@|]?" + Variable + "(?:," + Variable + @")*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Expression();
}
