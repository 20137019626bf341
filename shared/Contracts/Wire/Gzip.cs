using System.Buffers;
using System.IO.Compression;

namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// A message that travels compressed. It is recognised by its first bytes and not by a header: no JSON and no MessagePack of ours begins with them, and a
/// message keeps them wherever it is moved to.
/// </summary>
public static class Gzip
{
    /// <summary>The word for it in <c>Content-Encoding</c>.</summary>
    public const string Name = "gzip";

    /// <summary>What a message may unpack to, in bytes.</summary>
    public const int UnpackedMax = 32 * 1024 * 1024;

    private const int Step = 16 * 1024;

    /// <summary>Compresses a body.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> body)
    {
        using var packed = new MemoryStream(body.Length / 4);
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) { zip.Write(body); }
        return packed.ToArray();
    }

    /// <summary>The body as it was before; one that is not compressed is itself. One that is torn gives what can be read of it.</summary>
    /// <exception cref="InvalidDataException">It unpacks to more than <see cref="UnpackedMax"/>, or is not what it seems.</exception>
    public static byte[] Unpack(byte[] body) => IsPacked(body) ? Inflate(body) : body;

    /// <inheritdoc cref="Unpack(byte[])" />
    public static ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> body) => IsPacked(body.Span) ? Inflate(body.ToArray()) : body;

    private static bool IsPacked(ReadOnlySpan<byte> body) => body is [0x1f, 0x8b, ..];

    private static byte[] Inflate(byte[] body)
    {
        using var packed = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        var unpacked = new ArrayBufferWriter<byte>((int)Math.Min(body.Length * 4L, UnpackedMax));
        // Step by step: the writer would offer all that it has, and a bomb would be through before it is seen.
        for (int read; (read = packed.Read(unpacked.GetSpan(Step)[..Step])) > 0;)
        {
            unpacked.Advance(read);
            if (unpacked.WrittenCount > UnpackedMax) { throw new InvalidDataException($"it unpacks to more than {UnpackedMax} bytes"); }
        }

        return unpacked.WrittenSpan.ToArray();
    }
}
