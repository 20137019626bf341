using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace A2A.Micro.Security.Signing;

/// <summary>What is known of somebody's key. Safe from several threads.</summary>
public sealed class VerificationKey : IDisposable
{
    // An ECDsa may be used by one thread at a time; making one costs as much as a verification.
    private readonly ConcurrentBag<ECDsa> _idle = [];
    private readonly byte[] _bytes;

    /// <param name="owner">Whose it is: <see cref="KeyNames.Platform"/>, or an agent's id.</param>
    /// <param name="kid">Its name.</param>
    /// <param name="algorithm"><see cref="SigningKey.Es256"/> or <see cref="SigningKey.Hs256"/>.</param>
    /// <param name="bytes">SubjectPublicKeyInfo, or the secret.</param>
    /// <param name="state">Where it is in its life.</param>
    /// <exception cref="SecurityBreachException">It is no such key.</exception>
    public VerificationKey(string owner, string kid, string algorithm, byte[] bytes, KeyState state)
    {
        (Owner, Kid, Algorithm, _bytes, State) = (owner, kid, algorithm, bytes, state);
        if (!KeyNames.IsKid(kid)) { throw new SecurityBreachException("a key id has 1 to 64 of letters, digits, dot, dash, underscore"); }
        if (algorithm == SigningKey.Hs256 && bytes.Length >= 32) { return; }
        if (algorithm != SigningKey.Es256) { throw new SecurityBreachException($"key {kid}: ES256, or HS256 with 256 bits"); }
        _idle.Add(Open());
    }

    /// <summary>Whose it is.</summary>
    public string Owner { get; }

    /// <summary>Its name.</summary>
    public string Kid { get; }

    /// <summary>The only algorithm that it is used with.</summary>
    public string Algorithm { get; }

    /// <summary>Where it is in its life.</summary>
    public KeyState State { get; }

    /// <summary>Whether this is a signature of this key over these bytes.</summary>
    public bool Verifies(ReadOnlySpan<byte> bytes, SignatureLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (State == KeyState.Revoked || line.Kid != Kid || line.Algorithm != Algorithm) { return false; }
        if (Algorithm == SigningKey.Hs256) { return CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_bytes, bytes), line.Signature); }
        if (line.Signature.Length != 64) { return false; }
        var key = _idle.TryTake(out var idle) ? idle : Open();
        try
        {
            return key.VerifyData(bytes, line.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            _idle.Add(key);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        while (_idle.TryTake(out var key)) { key.Dispose(); }
    }

    private ECDsa Open()
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(_bytes, out var read);
            if (read == _bytes.Length && key.KeySize == 256) { return key; }
        }
        catch (CryptographicException)
        {
            // Said below.
        }

        key.Dispose();
        throw new SecurityBreachException($"key {Kid} is not a public key on the curve P-256");
    }
}
