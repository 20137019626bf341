using System.Net;
using System.Net.Sockets;

namespace A2A.Micro.JsonSchema.Formats;

/// <summary>Names and numbers of hosts.</summary>
internal static class HostFormats
{
    /// <summary>RFC 1123, section 2.1, and the encoded labels of RFC 5891.</summary>
    public static bool IsHostname(string text) =>
        text.Length is > 0 and <= 253 && text.Split('.').All(label => IsLabel(label) && (!IsEncoded(label) || Punycode.Decode(label[4..]) is not null
            && IdnaLabel.IsValid(Punycode.Decode(label[4..])!)));

    /// <summary>RFC 5890: labels of any script. Which characters may stand side by side is checked, which are assigned is not.</summary>
    public static bool IsIdnHostname(string text)
    {
        var length = 0;
        foreach (var label in text.Split('.', '\u3002', '\uff0e', '\uff61'))
        {
            var plain = IsLabel(label);
            var decoded = plain && IsEncoded(label) ? Punycode.Decode(label[4..]) : plain ? null : label;
            if (plain && IsEncoded(label) && decoded is null) { return false; }
            if (decoded is not null && (!IdnaLabel.IsValid(decoded) || 4 + Punycode.EncodedLength(decoded) > 63)) { return false; }
            if (!plain && label.All(char.IsAscii)) { return false; }
            length += label.Length + 1;
        }

        return length - 1 is > 0 and <= 253;
    }

    /// <summary>Four decimal numbers up to 255 without leading zeros.</summary>
    public static bool IsIpv4(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4 && parts.All(part =>
            part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0') && PlainFormats.Digits(part) <= 255);
    }

    /// <summary>RFC 4291, section 2.2; no zone.</summary>
    public static bool IsIpv6(string text)
    {
        if (text.Contains('.', StringComparison.Ordinal) && !IsIpv4(text[(text.LastIndexOf(':') + 1)..])) { return false; }
        return text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
            && text.Split(':').All(part => part.Length <= 4 || part.Contains('.', StringComparison.Ordinal))
            && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
        && (label.Length < 4 || label[2..4] != "--" || IsEncoded(label));

    private static bool IsEncoded(string label) => label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase);
}
