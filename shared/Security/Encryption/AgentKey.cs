using System.Security.Cryptography;
using System.Text;

namespace A2A.Micro.Security.Encryption;

/// <summary>
/// The pair by which one agent is told secrets (ECIES: a fresh P-256 pair for every message, ECDH, HKDF-SHA256, AES-256-GCM). It lives as long as
/// the process: what was sealed for an agent that is gone nobody can open. Safe from several threads.
/// </summary>
public sealed class AgentKey : IDisposable
{
    private const int PointBytes = 65;
    private static readonly byte[] Salt = Encoding.ASCII.GetBytes("a2a-ecies-v1");
    private readonly Lock _gate = new();
    private readonly ECDiffieHellman _pair = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>What others need in order to seal something for it: the uncompressed point, base64url.</summary>
    public string Public() => Base64Text.Of(Point(_pair));

    /// <summary>Whether a text is a public key.</summary>
    public static bool IsPublic(string? text)
    {
        try
        {
            using var _ = Read(Base64Text.Read(text));
            return true;
        }
        catch (SecurityBreachException)
        {
            return false;
        }
    }

    /// <summary>Seals some bytes for whoever has the private half.</summary>
    /// <param name="recipient">The public key.</param>
    /// <param name="text">What is sealed.</param>
    /// <param name="words">What it belongs to.</param>
    /// <exception cref="SecurityBreachException">It is no public key.</exception>
    public static string SealFor(string recipient, ReadOnlySpan<byte> text, ReadOnlySpan<byte> words)
    {
        var theirs = Base64Text.Read(recipient);
        using var their = Read(theirs);
        using var passing = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var mine = Point(passing);
        var box = GcmBox.Seal(Derive(passing, their, mine, theirs!), text, words);
        return Base64Text.Of([.. mine, .. box]);
    }

    /// <summary>Opens what was sealed for this pair.</summary>
    /// <exception cref="SecurityBreachException">It was sealed for another, for something else, or has been changed.</exception>
    public byte[] Open(string sealedText, ReadOnlySpan<byte> words)
    {
        var bytes = Base64Text.Read(sealedText);
        if (bytes is not { Length: > PointBytes }) { throw new SecurityBreachException("what is sealed for an agent is too short"); }
        var point = bytes[..PointBytes];
        using var passing = Read(point);
        byte[] key;
        lock (_gate) { key = Derive(_pair, passing, point, Point(_pair)); }
        return GcmBox.Open(key, bytes.AsSpan(PointBytes), words);
    }

    /// <inheritdoc />
    public void Dispose() => _pair.Dispose();

    // Both public keys take part, so that the key belongs to this exchange and no other.
    private static byte[] Derive(ECDiffieHellman mine, ECDiffieHellman theirs, byte[] passing, byte[] recipient)
    {
        var shared = mine.DeriveRawSecretAgreement(theirs.PublicKey);
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, Salt, [.. passing, .. recipient]);
    }

    private static byte[] Point(ECDiffieHellman pair)
    {
        var q = pair.ExportParameters(false).Q;
        return [4, .. q.X!, .. q.Y!];
    }

    private static ECDiffieHellman Read(byte[]? point)
    {
        if (point is not { Length: PointBytes } || point[0] != 4) { throw new SecurityBreachException("an agent's key is an uncompressed point on P-256"); }
        try
        {
            // A point that is not on the curve is refused here.
            return ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = point[1..33], Y = point[33..] },
            });
        }
        catch (CryptographicException)
        {
            throw new SecurityBreachException("an agent's key is an uncompressed point on P-256");
        }
    }
}
