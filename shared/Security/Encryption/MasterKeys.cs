using System.Security.Cryptography;
using System.Text;

namespace A2A.Micro.Security.Encryption;

/// <summary>
/// The keys above all others: the first wraps what is new, the others still open what they wrapped. A key for wrapping is derived from one of
/// them for each tenant (HKDF, RFC 5869), so that what belongs to one tenant is never under a key of another. Immutable.
/// </summary>
public sealed class MasterKeys
{
    private const int Bytes = KeyLines.Bytes;
    private static readonly byte[] Salt = Encoding.ASCII.GetBytes("a2a-kek-v1");
    private static readonly byte[] GrantSalt = Encoding.ASCII.GetBytes("a2a-grant-v1");
    private readonly IReadOnlyDictionary<string, byte[]> _keys;

    private readonly Func<MasterKeys>? _newer;

    private MasterKeys(string current, IReadOnlyDictionary<string, byte[]> keys, Func<MasterKeys>? newer = null) =>
        (Current, _keys, _newer) = (current, keys, newer);

    /// <summary>The name of the key that wraps what is new.</summary>
    public string Current { get; }

    /// <summary>A key that ends with the process.</summary>
    public static MasterKeys Passing() => new("passing", new Dictionary<string, byte[]> { ["passing"] = RandomNumberGenerator.GetBytes(Bytes) });

    /// <summary>Reads a file: one key a line, <c>name base64</c>; the first is the current one. Empty lines and lines that begin with # are skipped.</summary>
    /// <exception cref="SecurityBreachException">There is no key, or one that is not 256 bits.</exception>
    public static MasterKeys Parse(string text)
    {
        var (current, keys) = KeyLines.Parse(text);
        return new MasterKeys(current, keys);
    }

    /// <summary>The key of a tenant under one of the master keys; null when that one is gone.</summary>
    public byte[]? KeyOf(string tenant, string kid) => _keys.TryGetValue(kid, out var master)
        ? HKDF.DeriveKey(HashAlgorithmName.SHA256, master, Bytes, Salt, Encoding.UTF8.GetBytes(tenant))
        : _newer?.Invoke().KeyOf(tenant, kid);

    /// <summary>The key that grants are made with under one of the master keys, and nothing else; null when that one is gone.</summary>
    internal byte[]? GrantKey(string kid) => _keys.TryGetValue(kid, out var master)
        ? HKDF.DeriveKey(HashAlgorithmName.SHA256, master, Bytes, GrantSalt, [])
        : _newer?.Invoke().GrantKey(kid);

    /// <summary>These keys; for one that is not among them the others are asked: another process may have looked at a changed file before this one.</summary>
    internal MasterKeys Or(Func<MasterKeys> newer) => new(Current, _keys, newer);

    /// <summary>Wraps some bytes for a purpose of a tenant under the current key.</summary>
    public (string Kid, string Wrapped) Wrap(string tenant, string purpose, ReadOnlySpan<byte> bytes) =>
        (Current, Base64Text.Of(GcmBox.Seal(KeyOf(tenant, Current)!, bytes, Words(tenant, purpose, Current))));

    /// <summary>What was wrapped.</summary>
    /// <exception cref="SecurityBreachException">It is not what this installation wrapped for this tenant and purpose.</exception>
    public byte[] Unwrap(string tenant, string purpose, string kid, string wrapped) =>
        KeyOf(tenant, kid) is { } key && Base64Text.Read(wrapped) is { } box
            ? GcmBox.Open(key, box, Words(tenant, purpose, kid))
            : throw new SecurityBreachException("there is no master key of this name, or it wrapped nothing of the kind");

    private static byte[] Words(string tenant, string purpose, string kid) => Encoding.UTF8.GetBytes($"{tenant}|{purpose}|{kid}|v1");
}
