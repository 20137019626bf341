namespace A2A.Micro.JsonSchema.Formats;

/// <summary>A named form of texts.</summary>
/// <param name="Words">What it is called in a sentence.</param>
/// <param name="Holds">Whether a text has it.</param>
internal sealed record Format(string Words, Func<string, bool> Holds)
{
    private static readonly Dictionary<string, Format> All = new(StringComparer.Ordinal)
    {
        ["date-time"] = new("a time such as 2026-01-31T12:00:00Z, with an offset", TimeFormats.IsDateTime),
        ["date"] = new("a date such as 2026-01-31", TimeFormats.IsDate),
        ["time"] = new("a time of day such as 12:00:00Z, with an offset", TimeFormats.IsTime),
        ["duration"] = new("a duration such as P3DT12H", TimeFormats.IsDuration),
        ["email"] = new("an e-mail address such as name@example.org", text => MailFormats.IsEmail(text, international: false)),
        ["idn-email"] = new("an e-mail address such as name@example.org", text => MailFormats.IsEmail(text, international: true)),
        ["hostname"] = new("a host name such as www.example.org", HostFormats.IsHostname),
        ["idn-hostname"] = new("a host name such as www.example.org", HostFormats.IsIdnHostname),
        ["ipv4"] = new("an IPv4 address such as 192.0.2.1", HostFormats.IsIpv4),
        ["ipv6"] = new("an IPv6 address such as 2001:db8::1", HostFormats.IsIpv6),
        ["uri"] = new("an absolute URI such as https://example.org/path", text => UriFormats.IsUri(text, international: false)),
        ["uri-reference"] = new("a URI or a relative one", text => UriFormats.IsReference(text, international: false)),
        ["iri"] = new("an absolute IRI such as https://example.org/path", text => UriFormats.IsUri(text, international: true)),
        ["iri-reference"] = new("an IRI or a relative one", text => UriFormats.IsReference(text, international: true)),
        ["uri-template"] = new("a URI template such as https://example.org/{id}", UriFormats.IsTemplate),
        ["uuid"] = new("a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057", PlainFormats.IsUuid),
        ["json-pointer"] = new("a JSON pointer such as /a/0", PlainFormats.IsJsonPointer),
        ["relative-json-pointer"] = new("a relative JSON pointer such as 1/a", PlainFormats.IsRelativeJsonPointer),
        ["regex"] = new("a regular expression of ECMA-262", PlainFormats.IsRegex),
    };

    /// <summary>Every name that means something here.</summary>
    public static IReadOnlyCollection<string> Names => All.Keys;

    /// <summary>The format of a name; null when the name is a remark only.</summary>
    public static Format? Find(string name) => All.GetValueOrDefault(name);
}
