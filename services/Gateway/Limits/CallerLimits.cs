using System.Net;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Limits;

/// <summary>
/// One bucket per address, in this process, before anybody is asked who it is; of an IPv6 address its network of 64 bits, because who has one of its
/// addresses has them all.
/// </summary>
public sealed class CallerLimits(IOptions<GatewayOptions> options, TimeProvider clock)
{
    private readonly Buckets<IPAddress> _callers = new(
        options.Value.RequestsPerSecond > 0 ? new Bucket(options.Value.RequestsPerSecond, options.Value.RequestsBurst) : null, IPAddress.Any, clock);

    /// <summary>What every caller gets; null: as much as it wants.</summary>
    public Bucket? Policy => _callers.Policy;

    /// <summary>Takes one request of a caller.</summary>
    public BucketAnswer Take(IPAddress? address) => _callers.Take(NetworkOf(address));

    /// <summary>The network that counts as one caller. Pure.</summary>
    public static IPAddress NetworkOf(IPAddress? address)
    {
        if (address is null) { return IPAddress.None; }
        if (address.IsIPv4MappedToIPv6) { return address.MapToIPv4(); }
        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address)) { return address; }
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
