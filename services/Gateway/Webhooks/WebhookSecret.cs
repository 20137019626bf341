using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Secrets and signatures of Standard Webhooks 1.0: <c>whsec_</c> and base64 of 24 to 64 bytes, HMAC-SHA256.</summary>
public static class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int BytesMin = 24;
    private const int BytesMax = 64;
    private const int BytesOfNew = 32;

    /// <summary>A new one, drawn.</summary>
    public static string Draw() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(BytesOfNew));

    /// <summary>The key; null when the text is no secret.</summary>
    public static byte[]? Read(string? secret)
    {
        if (secret?.StartsWith(Prefix, StringComparison.Ordinal) != true) { return null; }
        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], key, out var length) && length is >= BytesMin and <= BytesMax ? key[..length] : null;
    }

    /// <summary>The signature <c>v1,...</c> of one delivery at one second.</summary>
    public static string Sign(string secret, string id, DateTimeOffset at, string body)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var key = Read(secret) ?? throw new ArgumentException("not a webhook secret", nameof(secret));
        var signed = string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.{body}");
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)));
    }

    /// <summary>The header <c>webhook-signature</c>: one signature, or two while a rotation is under way, the new one first.</summary>
    public static string SignAll(WebhookRow webhook, string id, DateTimeOffset at, string body)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        var signature = Sign(webhook.Secret, id, at, body);
        return webhook is { OldSecret: { } old, OldSecretUntil: { } until } && at < until ? signature + " " + Sign(old, id, at, body) : signature;
    }
}
