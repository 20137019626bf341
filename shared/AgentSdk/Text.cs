using System.Text;

namespace A2A.Micro.AgentSdk;

/// <summary>Keeps texts that travel within their limit.</summary>
internal static class Text
{
    /// <summary>Longest text for a person, in bytes of UTF-8.</summary>
    public const int BytesMax = 2048;

    /// <summary>The longest beginning of a text that fits 2 kB, whole characters only.</summary>
    public static string Cut(string text)
    {
        if (text.Length * 3 <= BytesMax || Encoding.UTF8.GetByteCount(text) <= BytesMax) { return text; }
        var bytes = 0;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > BytesMax) { break; }
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
