using System.Security.Cryptography;

namespace A2A.Micro.Security.Encryption;

/// <summary>AES-256-GCM with a nonce of chance, all in one: nonce, ciphertext, tag. Pure but for the chance.</summary>
public static class GcmBox
{
    /// <summary>Bytes of a nonce.</summary>
    public const int NonceBytes = 12;

    /// <summary>Bytes of a tag.</summary>
    public const int TagBytes = 16;

    /// <summary>Seals some bytes.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="text">What is sealed.</param>
    /// <param name="words">What it belongs to; it opens with the same words only.</param>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text, ReadOnlySpan<byte> words)
    {
        var box = new byte[NonceBytes + text.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), text, box.AsSpan(NonceBytes, text.Length), box.AsSpan(NonceBytes + text.Length), words);
        return box;
    }

    /// <summary>What was sealed.</summary>
    /// <exception cref="SecurityBreachException">Another key, other words, or a changed box.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> words)
    {
        if (box.Length < NonceBytes + TagBytes) { throw new SecurityBreachException("what is sealed is too short"); }
        var text = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(box[..NonceBytes], box.Slice(NonceBytes, text.Length), box[^TagBytes..], text, words);
            return text;
        }
        catch (CryptographicException)
        {
            throw new SecurityBreachException("what is sealed was sealed by another key, for another place, or has been changed");
        }
    }
}
