using System.Security.Cryptography;

namespace A2A.Micro.Security.Identity;

/// <summary>
/// A key that signatures of tokens are checked with. The algorithm belongs to the key: what a token says about its algorithm is only compared, so a
/// public key is never taken for a shared secret.
/// </summary>
public sealed class JwsKey
{
    private readonly Func<byte[], byte[], bool> _verify;

    private JwsKey(string algorithm, Func<byte[], byte[], bool> verify) => (Algorithm, _verify) = (algorithm, verify);

    /// <summary><c>ES256</c>, <c>RS256</c>, <c>PS256</c> or <c>HS256</c>.</summary>
    public string Algorithm { get; }

    /// <summary>ECDSA on P-256.</summary>
    /// <exception cref="CryptographicException">The point is not on the curve.</exception>
    public static JwsKey Es256(byte[] x, byte[] y)
    {
        var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
        // 64 bytes of R and S, RFC 7518 section 3.4; the DER form of the same numbers is another signature and is refused.
        return new JwsKey("ES256", (input, signature) => signature.Length == 64
            && key.VerifyData(input, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    /// <summary>RSA of at least 2048 bits, with PKCS#1 or PSS padding.</summary>
    /// <exception cref="CryptographicException">The key is none, or too short.</exception>
    public static JwsKey Rsa(byte[] modulus, byte[] exponent, bool pss)
    {
        var key = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
        if (key.KeySize < 2048) { throw new CryptographicException("RSA keys have 2048 bits or more"); }
        var padding = pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        return new JwsKey(pss ? "PS256" : "RS256", (input, signature) => signature.Length == modulus.Length
            && key.VerifyData(input, signature, HashAlgorithmName.SHA256, padding));
    }

    /// <summary>A shared secret of at least 256 bits; for development.</summary>
    /// <exception cref="CryptographicException">It is too short.</exception>
    public static JwsKey Hs256(byte[] secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (secret.Length < 32) { throw new CryptographicException("a secret has 256 bits or more"); }
        return new JwsKey("HS256", (input, signature) => CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(secret, input), signature));
    }

    /// <summary>Whether the signature is this key's over these bytes.</summary>
    public bool Verify(byte[] input, byte[] signature)
    {
        try
        {
            return _verify(input, signature);
        }
        catch (CryptographicException)
        {
            // A number that cannot be one of a signature at all.
            return false;
        }
    }
}
