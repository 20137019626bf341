using System.Text.Json;
using System.Text.Unicode;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Looks at a JSON body before it is bound and refuses what the serializer would let through and a database, a signature or another
/// parser would stumble over (reliability 8.1, 8.2). One pass; the text is never changed. Pure.
/// </summary>
public static class JsonGate
{
    /// <summary>Judges a UTF-8 body.</summary>
    public static JsonGateVerdict Check(ReadOnlySpan<byte> body, JsonGateLimits? limits = null)
    {
        var pass = new JsonGatePass(limits ?? JsonGateLimits.Default);
        if (Unreadable(body) is { } sentence) { return pass.Malformed(sentence); }
        // The reader's own depth limit would end the pass as "malformed"; ours says what is wrong.
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1024, CommentHandling = JsonCommentHandling.Disallow });
        try
        {
            while (pass.Goes && reader.Read()) { pass.Take(ref reader); }
            return pass.Verdict();
        }
        catch (JsonException e)
        {
            return pass.Malformed($"The body is not valid JSON: see line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    private static string? Unreadable(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) { return "The body is empty; a JSON text was expected."; }
        if (body.StartsWith("\uFEFF"u8)) { return "The body begins with a byte order mark; send UTF-8 without it (RFC 8259, section 8.1)."; }
        return Utf8.IsValid(body) ? null : "The body is not valid UTF-8.";
    }
}
