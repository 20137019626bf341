using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace A2A.Micro.Security.Services;

/// <summary>What a service asks of another one over HTTP; all of it is bound by the pass.</summary>
/// <param name="Service">Who is asked, such as <c>state-sync</c>.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Target">Path and query as they travel.</param>
/// <param name="Tenant">For whose tenant is asked; empty: the default one.</param>
public readonly record struct ServiceRequest(string Service, string Method, string Target, string Tenant);

/// <summary>
/// The credential that services show each other: <c>v1.kid.time.mac</c>, where mac is HMAC-SHA256 over the request, under a key that is derived from the
/// installation's for the one service that is asked (HKDF, RFC 5869). It is good for a minute, for this request alone; a body is not bound, because no
/// body of these routes changes anything. Pure.
/// </summary>
public static class ServicePass
{
    /// <summary>The header that carries it.</summary>
    public const string Header = "A2A-Service-Pass";

    /// <summary>The header that says for whose tenant is asked.</summary>
    public const string TenantHeader = "A2A-Tenant";

    /// <summary>How far the clocks of the two may be apart, the way included.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private const string Version = "v1";
    private const int TextLengthMax = 256;

    /// <summary>A pass for a request, now.</summary>
    public static string Make(ServiceKeys keys, in ServiceRequest request, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var time = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var mac = Mac(keys.KeyOf(request.Service, keys.Current)!, request, keys.Current, time);
        return string.Join('.', Version, keys.Current, time, Base64Url.EncodeToString(mac));
    }

    /// <summary>Why a pass does not fit a request; null: it does. Takes as long for a wrong one.</summary>
    public static string? Refuses(ServiceKeys keys, string? pass, in ServiceRequest request, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (string.IsNullOrEmpty(pass)) { return "no pass"; }
        if (pass.Length > TextLengthMax || pass.Split('.') is not [Version, var kid, var time, var mac]
            || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || !IsMac(mac, out var shown))
        {
            return "not a pass";
        }

        if (keys.KeyOf(request.Service, kid) is not { } key) { return "an unknown key"; }
        if (!CryptographicOperations.FixedTimeEquals(Mac(key, request, kid, time), shown)) { return "a pass for something else"; }
        return Math.Abs(now.ToUnixTimeSeconds() - seconds) <= Window.TotalSeconds ? null : "an old pass, or clocks that are apart";
    }

    // Each word with its length: no two requests read the same.
    private static byte[] Mac(byte[] key, in ServiceRequest request, string kid, string time)
    {
        var text = new StringBuilder("a2a-service-v1");
        foreach (var word in (ReadOnlySpan<string>)[kid, time, request.Service, request.Method.ToUpperInvariant(), request.Target, request.Tenant])
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"\n{word.Length}:{word}");
        }

        return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static bool IsMac(string text, out byte[] mac)
    {
        mac = new byte[HMACSHA256.HashSizeInBytes];
        return Base64Url.IsValid(text, out var length) && length == mac.Length && Base64Url.TryDecodeFromChars(text, mac, out _);
    }
}
