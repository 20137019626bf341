using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace A2A.Micro.Security.Identity;

/// <summary>
/// The keys of an issuer by their ids (a JWK set, RFC 7517). Keys that are not for signatures, or of a kind that is not used here, are left out.
/// </summary>
public sealed class JwsKeySet
{
    /// <summary>Largest document.</summary>
    public const int BytesMax = 64 * 1024;

    private const int KeysMax = 64;
    private readonly Dictionary<(string Kid, string Algorithm), JwsKey> _keys = [];

    /// <summary>No keys.</summary>
    public static JwsKeySet Empty { get; } = new();

    /// <summary>How many.</summary>
    public int Count => _keys.Count;

    /// <summary>A set of one key.</summary>
    public static JwsKeySet Of(string kid, JwsKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var set = new JwsKeySet();
        set._keys[(kid, key.Algorithm)] = key;
        return set;
    }

    /// <summary>The keys of a document.</summary>
    /// <exception cref="JsonException">It is no key set.</exception>
    public static JwsKeySet Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > BytesMax) { throw new JsonException("a key set has at most 64 KiB"); }
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("keys", out var keys)
            || keys.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("a key set is an object with an array of keys");
        }

        var set = new JwsKeySet();
        foreach (var key in keys.EnumerateArray().Take(KeysMax)) { set.Add(key); }
        return set;
    }

    /// <summary>The key of this id, if it is one for this algorithm.</summary>
    public JwsKey? Find(string kid, string algorithm) => _keys.GetValueOrDefault((kid, algorithm));

    private void Add(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || Text(jwk, "kid") is not { Length: > 0 } kid || Text(jwk, "use") is not (null or "sig")) { return; }
        try
        {
            switch (Text(jwk, "kty"), Text(jwk, "alg"))
            {
                case ("EC", null or "ES256") when Text(jwk, "crv") == "P-256" && Bytes(jwk, "x") is { } x && Bytes(jwk, "y") is { } y:
                    _keys[(kid, "ES256")] = JwsKey.Es256(x, y);
                    break;
                // One key, one algorithm: without a word about it, it is the older padding.
                case ("RSA", null or "RS256" or "PS256") when Bytes(jwk, "n") is { } n && Bytes(jwk, "e") is { } e:
                    var key = JwsKey.Rsa(n, e, Text(jwk, "alg") == "PS256");
                    _keys[(kid, key.Algorithm)] = key;
                    break;
                default:
                    break;
            }
        }
        catch (CryptographicException)
        {
            // One key that is none does not lock out who has another.
        }
    }

    private static string? Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static byte[]? Bytes(JsonElement jwk, string name)
    {
        if (Text(jwk, name) is not { } text || !Base64Url.IsValid(text)) { return null; }
        return Base64Url.DecodeFromChars(text);
    }
}
