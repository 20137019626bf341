using A2A.Micro.Contracts.Errors;
using Microsoft.Extensions.Primitives;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// The <c>Idempotency-Key</c> header (draft-ietf-httpapi-idempotency-key-header): a quoted string; a bare one is understood too. Pure.
/// </summary>
public static class IdempotencyKey
{
    /// <summary>The header's name.</summary>
    public const string Header = "Idempotency-Key";

    private const int LengthMax = 255;

    /// <summary>The key; null when the header is absent.</summary>
    /// <exception cref="ProtocolException">It is empty, too long, given twice, or holds something that is not printable ASCII.</exception>
    public static string? Read(StringValues header)
    {
        if (header.Count == 0) { return null; }
        var text = header.Count == 1 ? header[0]!.Trim() : "";
        var key = text is ['"', .. var quoted, '"'] ? Unescape(quoted) : text;
        return key is { Length: > 0 and <= LengthMax } && key.All(c => c is >= ' ' and <= '~')
            ? key
            : throw new ProtocolException(ErrorKind.Validation,
                "The Idempotency-Key cannot be used.",
                new FieldError("#/headers/idempotency-key", "one key of 1 to 255 printable ASCII characters", ErrorKind.Validation.Code));
    }

    // RFC 8941 section 3.3.3: inside the quotes a backslash stands before a quote or a backslash, and a bare quote ends the string.
    private static string? Unescape(string quoted)
    {
        var plain = new System.Text.StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '"') { return null; }
            if (quoted[i] == '\\' && (++i == quoted.Length || quoted[i] is not ('"' or '\\'))) { return null; }
            _ = plain.Append(quoted[i]);
        }

        return plain.ToString();
    }
}
