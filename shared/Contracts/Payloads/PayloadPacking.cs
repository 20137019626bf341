using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Payloads;

/// <summary>A payload as it lies and travels: compressed, in parts of which each fits into a message.</summary>
/// <param name="Reference">What stands in its place.</param>
/// <param name="Parts">The compressed bytes, in order.</param>
public sealed record PackedPayload(PayloadReference Reference, IReadOnlyList<ReadOnlyMemory<byte>> Parts);

/// <summary>Large JSON into parts and back. Pure.</summary>
public static class PayloadPacking
{
    /// <summary>Bytes of one part; in base64 it stays well below what any broker takes as one message.</summary>
    public const int PartBytes = 512 * 1024;

    /// <summary>Most parts of one payload: what does not compress needs 33.</summary>
    public const int PartsMax = 100;

    /// <summary>Packs a value.</summary>
    /// <param name="value">Any JSON.</param>
    /// <param name="id">Names it.</param>
    public static PackedPayload Pack(JsonElement value, Guid id)
    {
        var json = JsonMarshal.GetRawUtf8Value(value);
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) { zip.Write(json); }
        var bytes = packed.ToArray();
        var parts = bytes.Chunk(PartBytes).Select(part => new ReadOnlyMemory<byte>(part)).ToArray();
        return new PackedPayload(new PayloadReference
        {
            PayloadId = id,
            Bytes = json.Length,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(json)),
            Parts = parts.Length,
        }, parts);
    }

    /// <summary>The value again.</summary>
    /// <exception cref="InvalidDataException">These are not the parts of this payload.</exception>
    public static JsonElement Unpack(PayloadReference reference, IEnumerable<ReadOnlyMemory<byte>> parts)
    {
        ArgumentNullException.ThrowIfNull(reference);
        using var packed = new MemoryStream();
        foreach (var part in parts) { packed.Write(part.Span); }
        packed.Position = 0;
        using var zip = new GZipStream(packed, CompressionMode.Decompress);
        // One byte more than was said: whatever unpacks to more is not it.
        var json = new byte[reference.Bytes + 1];
        var length = zip.ReadAtLeast(json, json.Length, throwOnEndOfStream: false);
        if (length != reference.Bytes || Convert.ToHexStringLower(SHA256.HashData(json.AsSpan(0, length))) != reference.Sha256)
        {
            throw new InvalidDataException($"the payload {reference.PayloadId} is not what its reference says");
        }

        try
        {
            return JsonElement.Parse(json.AsSpan(0, length), new JsonDocumentOptions { MaxDepth = WireJson.MaxDepth });
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the payload {reference.PayloadId} is no JSON: {e.Message}", e);
        }
    }
}
