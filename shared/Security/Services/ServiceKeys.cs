using System.Security.Cryptography;
using System.Text;

namespace A2A.Micro.Security.Services;

/// <summary>
/// The keys of an installation by which its services know each other: the first is used, the others are still taken. What a service is shown is made
/// with a key of its own, derived from one of these, so a pass for one service opens no other. Immutable.
/// </summary>
public sealed class ServiceKeys
{
    private const int Bytes = 32;
    private static readonly byte[] Salt = Encoding.ASCII.GetBytes("a2a-service-key-v1");
    private readonly IReadOnlyDictionary<string, byte[]> _keys;

    private ServiceKeys(string current, IReadOnlyDictionary<string, byte[]> keys) => (Current, _keys) = (current, keys);

    /// <summary>The name of the key that is used.</summary>
    public string Current { get; }

    /// <summary>Reads a file of keys: one a line, a name and 32 bytes in base64.</summary>
    /// <exception cref="SecurityBreachException">It is open to others, or holds no sound keys.</exception>
    public static ServiceKeys Read(string path)
    {
        var text = SecretFile.Read("Security__ServiceKeyFile", path);
        try
        {
            return Parse(text);
        }
        catch (SecurityBreachException e)
        {
            throw new SecurityBreachException($"Security__ServiceKeyFile names {path}: {e.Message}.");
        }
    }

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="SecurityBreachException">There is no key, or one that is not 256 bits.</exception>
    public static ServiceKeys Parse(string text)
    {
        var (current, keys) = KeyLines.Parse(text);
        return new ServiceKeys(current, keys);
    }

    /// <summary>The key that one service is shown passes by; null when there is none of this name.</summary>
    internal byte[]? KeyOf(string service, string kid) => _keys.TryGetValue(kid, out var key)
        ? HKDF.DeriveKey(HashAlgorithmName.SHA256, key, Bytes, Salt, Encoding.UTF8.GetBytes(service))
        : null;
}
