using System.Net;
using System.Net.Sockets;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Which addresses strangers may make us call (security 9). Pure.</summary>
public static class AddressRules
{
    private const int UrlLengthMax = 2048;

    private static readonly IPNetwork[] Forbidden =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    // Global unicast is 2000::/3. Within it: addresses that stand for IPv4 ones, tunnels, documentation, benchmarks, Teredo, ORCHID.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] ForbiddenWithin =
        [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    private static readonly string[] LocalNames = ["localhost", "local", "internal", "localdomain", "home.arpa", "lan", "intranet", "corp"];

    /// <summary>Whether an address is one of the public internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6) { return false; }
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Forbidden.Any(network => network.Contains(address)),
            AddressFamily.InterNetworkV6 => address.ScopeId == 0 && GlobalUnicast.Contains(address)
                && !ForbiddenWithin.Any(network => network.Contains(address)),
            _ => false,
        };
    }

    /// <summary>Why a webhook may not have this address; null: it may. Names are looked up later, whenever a connection is made.</summary>
    public static string? Refuse(string url, WebhookOptions options)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(options);
        if (url.Length > UrlLengthMax) { return $"at most {UrlLengthMax} characters"; }
        if (url.Any(c => c is <= ' ' or '\\' or > '~') || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            return "an absolute address such as https://hooks.example.com/a2a is expected, in ASCII";
        }

        if (uri.Scheme != Uri.UriSchemeHttps && !(options.AllowPrivate && uri.Scheme == Uri.UriSchemeHttp)) { return "https is expected"; }
        if (uri.UserInfo.Length > 0 || url.Contains('@', StringComparison.Ordinal)) { return "no user and password, and no @"; }
        if (uri.Fragment.Length > 0) { return "no fragment"; }
        if (!options.AllowPrivate && uri.Port is not (443 or 8443)) { return "port 443 or 8443 is expected"; }
        return RefuseHost(uri.IdnHost, options);
    }

    /// <summary>Why this host may not be called; null: it may, as far as its name says.</summary>
    public static string? RefuseHost(string host, WebhookOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        var name = host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();
        if (options.HostsAllowed.Count > 0 && !options.HostsAllowed.Any(allowed => Covers(allowed, name)))
        {
            return "this host is not on the list of allowed hosts";
        }

        if (options.AllowPrivate) { return null; }
        if (IPAddress.TryParse(name, out var address)) { return IsPublic(address) ? null : "only addresses of the public internet may be called"; }
        var isLocal = !name.Contains('.', StringComparison.Ordinal)
            || LocalNames.Any(local => name == local || name.EndsWith("." + local, StringComparison.Ordinal));
        return isLocal ? "only hosts of the public internet may be called" : null;
    }

    private static bool Covers(string allowed, string host) => allowed.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(allowed, StringComparison.OrdinalIgnoreCase);
}
