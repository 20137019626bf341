namespace A2A.Micro.JsonSchema.Formats;

/// <summary>E-mail addresses: RFC 5321, section 4.1.2, and RFC 6531 where other letters are allowed.</summary>
internal static class MailFormats
{
    private const string AtomMarks = "!#$%&'*+-/=?^_`{|}~";

    /// <summary>local-part@domain; at most 254 characters.</summary>
    public static bool IsEmail(string text, bool international)
    {
        var at = text.LastIndexOf('@');
        if (at < 1 || text.Length > 254) { return false; }
        return IsLocal(text.AsSpan(0, at), international) && IsDomain(text[(at + 1)..], international);
    }

    private static bool IsLocal(ReadOnlySpan<char> local, bool international)
    {
        if (local.Length > 64) { return false; }
        if (local[0] == '"') { return IsQuoted(local, international); }
        if (local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal)) { return false; }
        foreach (var c in local)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '.' && !AtomMarks.Contains(c, StringComparison.Ordinal) && !(international && c > 127))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsQuoted(ReadOnlySpan<char> local, bool international)
    {
        if (local.Length < 2 || local[^1] != '"') { return false; }
        var inner = local[1..^1];
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && ++i == inner.Length) { return false; }
            if (inner[i] is < ' ' or '\u007f' || (inner[i] > 127 && !international)) { return false; }
            if (inner[i] == '"' && (i == 0 || inner[i - 1] != '\\')) { return false; }
        }

        return true;
    }

    private static bool IsDomain(string domain, bool international)
    {
        if (domain.StartsWith('[') && domain.EndsWith(']'))
        {
            var literal = domain[1..^1];
            return literal.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase)
                ? HostFormats.IsIpv6(literal[5..])
                : HostFormats.IsIpv4(literal);
        }

        return international ? HostFormats.IsIdnHostname(domain) : HostFormats.IsHostname(domain);
    }
}
