using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Limits;

/// <summary>
/// One bucket per caller, in this process. Until callers have names the caller is the address; of an IPv6 address its network of 64 bits, because
/// who has one of its addresses has them all.
/// </summary>
public sealed class CallerLimits(IOptions<GatewayOptions> options, TimeProvider clock)
{
    private const int CallersMax = 10_000;
    private readonly ConcurrentDictionary<IPAddress, Caller> _callers = new();

    /// <summary>What every caller gets; null: as much as it wants.</summary>
    public Bucket? Policy { get; } = options.Value.RequestsPerSecond > 0
        ? new Bucket(options.Value.RequestsPerSecond, options.Value.RequestsBurst)
        : null;

    /// <summary>Takes one request of a caller.</summary>
    public BucketAnswer Take(IPAddress? address)
    {
        if (Policy is not { } policy) { return new BucketAnswer(true, 0, int.MaxValue, 0); }
        var name = NetworkOf(address);
        if (!_callers.TryGetValue(name, out var caller))
        {
            // Who comes when all places are taken by busy callers shares one: a flood of addresses is one caller.
            if (_callers.Count >= CallersMax) { Forget(); }
            caller = _callers.GetOrAdd(_callers.Count >= CallersMax ? IPAddress.Any : name, static _ => new Caller());
        }

        return caller.Take(policy, Now());
    }

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

    private double Now() => clock.GetTimestamp() / (double)clock.TimestampFrequency;

    // A full bucket remembers nothing.
    private void Forget()
    {
        var now = Now();
        foreach (var (name, caller) in _callers)
        {
            if (caller.IsFull(now)) { _ = _callers.TryRemove(name, out _); }
        }
    }

    private sealed class Caller
    {
        private double _fullAt;

        public bool IsFull(double now) => Volatile.Read(ref _fullAt) <= now;

        public BucketAnswer Take(Bucket policy, double now)
        {
            while (true)
            {
                var seen = Volatile.Read(ref _fullAt);
                var answer = policy.Take(seen, now);
                if (!answer.IsAllowed || Interlocked.CompareExchange(ref _fullAt, answer.FullAt, seen).Equals(seen)) { return answer; }
            }
        }
    }
}
