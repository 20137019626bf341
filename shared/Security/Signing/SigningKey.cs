using System.Security.Cryptography;

namespace A2A.Micro.Security.Signing;

/// <summary>A key that signs: ECDSA over P-256 for services and agents, or HMAC for an agent that can do no more. Safe from several threads.</summary>
public sealed class SigningKey : IDisposable
{
    /// <summary>ECDSA over P-256 with SHA-256.</summary>
    public const string Es256 = "ES256";

    /// <summary>HMAC with SHA-256.</summary>
    public const string Hs256 = "HS256";

    private readonly Lock _gate = new();
    private readonly ECDsa? _pair;
    private readonly byte[]? _secret;

    private SigningKey(string kid, ECDsa? pair, byte[]? secret)
    {
        if (!KeyNames.IsKid(kid)) { throw new ArgumentException("a key id has 1 to 64 of letters, digits, dot, dash, underscore", nameof(kid)); }
        (Kid, _pair, _secret) = (kid, pair, secret);
    }

    /// <summary>Its name.</summary>
    public string Kid { get; }

    /// <summary><see cref="Es256"/> or <see cref="Hs256"/>.</summary>
    public string Algorithm => _pair is null ? Hs256 : Es256;

    /// <summary>A new pair.</summary>
    public static SigningKey New(string kid) => new(kid, ECDsa.Create(ECCurve.NamedCurves.nistP256), null);

    /// <summary>A secret of an agent; never the same for two.</summary>
    /// <exception cref="SecurityBreachException">It is shorter than 256 bits.</exception>
    public static SigningKey Hmac(string kid, byte[] secret) =>
        secret.Length >= 32 ? new(kid, null, [.. secret]) : throw new SecurityBreachException("a signing key has at least 256 bits");

    /// <summary>Reads a private key in PEM.</summary>
    /// <exception cref="SecurityBreachException">It is none, or not on P-256.</exception>
    public static SigningKey FromPem(string kid, string pem)
    {
        var pair = ECDsa.Create();
        try
        {
            pair.ImportFromPem(pem);
            if (pair.KeySize == 256 && pair.ExportParameters(true).D is { Length: 32 }) { return new SigningKey(kid, pair, null); }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Said below, without what was in the file.
        }

        pair.Dispose();
        throw new SecurityBreachException("it is not a private key on the curve P-256 in PEM");
    }

    /// <summary>The private key in PEM (PKCS #8).</summary>
    public string ToPem() => (_pair ?? throw new InvalidOperationException("an HMAC key has no PEM")).ExportPkcs8PrivateKeyPem();

    /// <summary>What others need in order to verify: SubjectPublicKeyInfo, or the secret itself.</summary>
    public byte[] Public() => _pair is null ? [.. _secret!] : _pair.ExportSubjectPublicKeyInfo();

    /// <summary>Signs some words.</summary>
    public SignatureLine Sign(CanonicalText words)
    {
        ArgumentNullException.ThrowIfNull(words);
        return new SignatureLine(Kid, Algorithm, Sign(words.Bytes()));
    }

    /// <summary>Signs some bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> bytes)
    {
        if (_pair is null) { return HMACSHA256.HashData(_secret!, bytes); }
        lock (_gate) { return _pair.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation); }
    }

    /// <inheritdoc />
    public void Dispose() => _pair?.Dispose();
}
