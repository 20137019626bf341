using System.Buffers.Text;

namespace A2A.Micro.Security;

/// <summary>Base64url without padding (RFC 4648, section 5), strict: one spelling for every value.</summary>
public static class Base64Text
{
    /// <summary>The text of some bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>The bytes of a text; null when it is not exactly what <see cref="Of"/> writes.</summary>
    public static byte[]? Read(string? text)
    {
        if (text is null || !Base64Url.IsValid(text)) { return null; }
        var bytes = Base64Url.DecodeFromChars(text);
        // Padding, white space and stray bits would give one value several names.
        return Of(bytes) == text ? bytes : null;
    }
}
