using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Security.Identity;

/// <summary>The text of an API key: <c>a2a_env_keyid_secret</c>. It is shown once, where it is made, and never stored.</summary>
/// <param name="Environment">The installation, 1..16 of <c>a-z 0-9</c>.</param>
/// <param name="KeyId">Names the key; no secret.</param>
/// <param name="Secret">43 characters: 32 bytes of chance.</param>
public sealed record ApiKeyText(string Environment, string KeyId, string Secret)
{
    /// <summary>How every key begins.</summary>
    public const string Prefix = "a2a_";

    private const int KeyIdLength = 16;
    private const int SecretLength = 43;

    /// <summary>A new key.</summary>
    public static ApiKeyText New(string environment) => new(
        environment,
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyIdLength / 2)),
        Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Reads a key; null when the text is none.</summary>
    public static ApiKeyText? Parse(ReadOnlySpan<char> text)
    {
        // The secret may hold an underscore; what stands before it does not.
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) { return null; }
        var rest = text[Prefix.Length..];
        var first = rest.IndexOf('_');
        if (first is < 1 or > 16 || rest.Length != first + 1 + KeyIdLength + 1 + SecretLength || rest[first + 1 + KeyIdLength] != '_') { return null; }
        var environment = rest[..first];
        var keyId = rest.Slice(first + 1, KeyIdLength);
        var secret = rest[(first + KeyIdLength + 2)..];
        return IsName(environment) && IsName(keyId) && Base64Url.IsValid(secret, out var bytes) && bytes == 32
            ? new ApiKeyText(environment.ToString(), keyId.ToString(), secret.ToString())
            : null;
    }

    /// <summary>What is stored of the secret. It has 256 bits of chance, so a slow hash would protect nothing more.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes(Secret));

    /// <summary>The key as it is shown once.</summary>
    public string Show() => $"{Prefix}{Environment}_{KeyId}_{Secret}";

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"{Prefix}{Environment}_{KeyId}_...";

    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c)) { return false; }
        }

        return true;
    }
}

/// <summary>A key as it is stored: its secret only as a hash.</summary>
public sealed record ApiKeyRow
{
    /// <summary>Most keys of one principal that are good at the same time: the one in use and the one that takes its place.</summary>
    public const int ActiveMax = 2;

    /// <summary>Names the key.</summary>
    public required string KeyId { get; init; }

    /// <summary>SHA-256 of the secret.</summary>
    public required byte[] SecretHash { get; init; }

    /// <summary>Whose key it is.</summary>
    public required string Subject { get; init; }

    /// <summary>To whom everything belongs that is made with it.</summary>
    public string Tenant { get; init; } = TenantNames.Default;

    /// <summary>What it is good for.</summary>
    public required Scopes Scopes { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>It is good until then; null: until it is revoked.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Since when it is good no more.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>When it was last seen, to some seconds.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Whether it is good at this time.</summary>
    public bool IsActive(DateTimeOffset now) => RevokedAt is null && !(NotAfter <= now);

    /// <summary>Whether this is its secret; takes as long for a wrong one.</summary>
    public bool Fits(ApiKeyText key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return CryptographicOperations.FixedTimeEquals(SecretHash, key.Hash());
    }

    /// <summary>Whoever shows it.</summary>
    public Caller Bearer() => new(Subject, Tenant, Scopes) { KeyId = KeyId };
}

/// <summary>Where keys are kept. Two implementations, held to one behaviour by one suite.</summary>
public interface IApiKeyStore
{
    /// <summary>Stores a key; false when its principal has as many as it may have.</summary>
    Task<bool> Add(ApiKeyRow key, CancellationToken cancellation);

    /// <summary>The key of this id, whatever has become of it.</summary>
    Task<ApiKeyRow?> Find(string keyId, CancellationToken cancellation);

    /// <summary>The keys of a tenant, the newest first, at most 1000.</summary>
    Task<IReadOnlyList<ApiKeyRow>> List(string tenant, CancellationToken cancellation);

    /// <summary>Ends a key of this tenant; the key afterwards, or null when the tenant has none of this id.</summary>
    Task<ApiKeyRow?> Revoke(string keyId, string tenant, DateTimeOffset at, CancellationToken cancellation);

    /// <summary>Remembers when keys were last seen.</summary>
    Task Touch(IReadOnlyDictionary<string, DateTimeOffset> seen, CancellationToken cancellation);
}
