using System.Text.Json;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Security.Identity;

/// <summary>
/// Turns a bearer token into who bears it. The signature is checked with the key of the configured issuer that the header names and with that key's own
/// algorithm; then every claim is judged (RFC 8725). Pure, except for the keys that are asked for.
/// </summary>
/// <param name="issuer">The issuer's name, as it stands in <c>iss</c>.</param>
/// <param name="audience">This installation, as it stands in <c>aud</c>.</param>
public sealed class TokenVerifier(string issuer, string audience)
{
    /// <summary>How far clocks may be apart.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <summary>Longest life of a token: it cannot be taken back.</summary>
    public static readonly TimeSpan LifetimeMax = TimeSpan.FromHours(24);

    /// <summary>Who may issue.</summary>
    public string Issuer => issuer;

    /// <summary>The bearer, until when, and why not.</summary>
    public TokenVerdict Verify(JwsToken token, JwsKey? key, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (key is null) { return TokenVerdict.No("no such key for this algorithm"); }
        if (!string.Equals(key.Algorithm, token.Algorithm, StringComparison.Ordinal)) { return TokenVerdict.No("algorithm"); }
        if (!key.Verify(token.SigningInput, token.Signature)) { return TokenVerdict.No("signature"); }
        return Judge(token, now);
    }

    private TokenVerdict Judge(JwsToken token, DateTimeOffset now)
    {
        if (token.Text("iss") != issuer) { return TokenVerdict.No("iss"); }
        if (!IsForUs(token.Claims)) { return TokenVerdict.No("aud"); }
        if (Time(token.Claims, "exp") is not { } expires || Time(token.Claims, "nbf") is not { } begins) { return TokenVerdict.No("no exp or nbf"); }
        if (expires + Skew <= now) { return TokenVerdict.No("expired"); }
        if (begins - Skew > now) { return TokenVerdict.No("not yet"); }
        if (expires - begins > LifetimeMax) { return TokenVerdict.No("lives too long"); }
        if (token.Text("sub") is not { Length: > 0 and <= 128 } subject || subject.Any(c => c is <= ' ' or > '~')) { return TokenVerdict.No("sub"); }
        if (token.Text("tenant") is not { } tenant || !TenantNames.IsTenant(tenant)) { return TokenVerdict.No("tenant"); }
        return token.Text("scope") is { } scope
            ? new TokenVerdict(new Caller(subject, tenant, ScopeWords.Parse(scope)), expires + Skew, "")
            : TokenVerdict.No("scope");
    }

    private bool IsForUs(JsonElement claims) => claims.TryGetProperty("aud", out var member) && member.ValueKind switch
    {
        JsonValueKind.String => member.GetString() == audience,
        JsonValueKind.Array => member.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)
            && member.EnumerateArray().Any(one => one.GetString() == audience),
        _ => false,
    };

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number && member.TryGetDouble(out var seconds)
        && seconds is >= 0 and <= 253_402_300_799
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;
}

/// <summary>What became of a token.</summary>
/// <param name="Bearer">Who bears it; null: it is refused.</param>
/// <param name="Until">The last moment of its life.</param>
/// <param name="Reason">Why it is refused: for the log, never for the caller.</param>
public sealed record TokenVerdict(Caller? Bearer, DateTimeOffset Until, string Reason)
{
    /// <summary>Refused.</summary>
    public static TokenVerdict No(string reason) => new(null, default, reason);
}
