using A2A.Micro.Security.Signing;

namespace A2A.Micro.Security;

/// <summary>
/// A file of keys: one a line, <c>name base64</c>; the first is the current one. Empty lines and lines that begin with # are skipped. Pure.
/// </summary>
internal static class KeyLines
{
    /// <summary>Bytes of a key.</summary>
    public const int Bytes = 32;

    /// <summary>The keys by name, and the name of the current one.</summary>
    /// <exception cref="SecurityBreachException">There is no key, or one that is not 256 bits.</exception>
    public static (string Current, IReadOnlyDictionary<string, byte[]> Keys) Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var keys = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        string? current = null;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            var key = new byte[Bytes + 1];
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var kid, var base64] || !KeyNames.IsKid(kid)
                || !Convert.TryFromBase64String(base64, key, out var length) || length != Bytes || !keys.TryAdd(kid, key[..Bytes]))
            {
                throw new SecurityBreachException("each line is a name and 32 bytes in base64, such as made by: openssl rand -base64 32");
            }

            current ??= kid;
        }

        return (current ?? throw new SecurityBreachException("there is no key in it"), keys);
    }
}
