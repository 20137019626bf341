using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace A2A.Micro.Security.Identity;

/// <summary>
/// A compact JWS (RFC 7515) taken apart, with everything refused that has no business in a token for us: encryption, critical extensions, keys that the
/// token brings along, members that stand twice, text that is not exactly base64url. Nothing in it is believed yet. Pure.
/// </summary>
public sealed record JwsToken
{
    /// <summary>Longest token.</summary>
    public const int LengthMax = 8 * 1024;

    private static readonly string[] HeaderMembers = ["alg", "kid", "typ", "cty"];

    /// <summary>What the header says the algorithm is.</summary>
    public required string Algorithm { get; init; }

    /// <summary>Which key, as the header says.</summary>
    public required string KeyId { get; init; }

    /// <summary>What was signed: header, dot, payload.</summary>
    public required byte[] SigningInput { get; init; }

    /// <summary>The signature.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>The claims.</summary>
    public required JsonElement Claims { get; init; }

    /// <summary>The parts of a token; null when it is none, with the reason for the audit and for nobody else.</summary>
    public static JwsToken? Parse(string text, out string reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        reason = "not a token";
        if (text.Length > LengthMax) { return Refuse("too long", out reason); }
        var parts = text.Split('.');
        if (parts.Length != 3) { return Refuse(parts.Length == 5 ? "encrypted" : "not three parts", out reason); }
        if (Decode(parts[0]) is not { Length: > 0 } header || Decode(parts[1]) is not { Length: > 0 } payload || Decode(parts[2]) is not { } signature)
        {
            return Refuse("not base64url", out reason);
        }

        if (signature.Length == 0) { return Refuse("no signature", out reason); }
        if (Json(header) is not { } head || Json(payload) is not { } claims) { return Refuse("not JSON, or a member stands twice", out reason); }
        if (head.EnumerateObject().Any(member => !HeaderMembers.Contains(member.Name))) { return Refuse("a header that is not known", out reason); }

        if (Text(head, "alg") is not { } algorithm || Text(head, "kid") is not { Length: > 0 and <= 256 } kid) { return Refuse("no alg or kid", out reason); }
        if (head.TryGetProperty("typ", out _) && Text(head, "typ")?.ToUpperInvariant() is not ("JWT" or "AT+JWT" or "APPLICATION/AT+JWT"))
        {
            return Refuse("typ", out reason);
        }

        if (head.TryGetProperty("cty", out _)) { return Refuse("nested", out reason); }
        return new JwsToken
        {
            Algorithm = algorithm,
            KeyId = kid,
            SigningInput = Encoding.ASCII.GetBytes(text[..text.LastIndexOf('.')]),
            Signature = signature,
            Claims = claims,
        };
    }

    /// <summary>A claim that is a text.</summary>
    public string? Text(string claim) => Text(Claims, claim);

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static JwsToken? Refuse(string why, out string reason)
    {
        reason = why;
        return null;
    }

    // Written again it must be the same text: padding, blanks and spare bits would make two tokens of one.
    private static byte[]? Decode(string part)
    {
        if (!Base64Url.IsValid(part)) { return null; }
        var bytes = Base64Url.DecodeFromChars(part);
        return Base64Url.EncodeToString(bytes) == part ? bytes : null;
    }

    private static JsonElement? Json(byte[] utf8)
    {
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(utf8);
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;
        }
    }
}
