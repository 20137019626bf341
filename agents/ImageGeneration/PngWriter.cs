using System.Buffers.Binary;
using System.IO.Compression;

namespace A2A.Micro.ImageGeneration;

/// <summary>
/// Writes a PNG (RFC 2083, 8 bits per channel, RGB) row by row. Rows are packed in bands: a band ends on a byte and refers to nothing before
/// it, so a file that was cut between two bands can be gone on with, and comes out the same to the byte.
/// </summary>
internal sealed class PngWriter : IDisposable
{
    /// <summary>Rows per band.</summary>
    public const int BandRows = 16;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private readonly Stream output;
    private readonly MemoryStream packed = new();
    private DeflateStream? band;
    private Adler32 sum;
    private int rows;

    private PngWriter(Stream output, uint sum) => (this.output, this.sum) = (output, new Adler32(sum));

    /// <summary>Between two bands: the checksum of all rows so far, with which another writer goes on.</summary>
    public uint Sum => sum.Value;

    /// <summary>Begins a file.</summary>
    public static PngWriter Begin(Stream output, int width, int height)
    {
        output.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        // Bits per channel, RGB, deflate, the standard filters, not interlaced.
        ReadOnlySpan<byte> form = [8, 2, 0, 0, 0];
        form.CopyTo(header[8..]);
        WriteChunk(output, "IHDR"u8, header);
        // The head of the zlib stream (RFC 1950): deflate, 32 KiB window, fastest.
        WriteChunk(output, "IDAT"u8, [0x78, 0x01]);
        return new PngWriter(output, Adler32.Initial);
    }

    /// <summary>Goes on with a file that ends after a band.</summary>
    public static PngWriter Continue(Stream output, uint sum) => new(output, sum);

    /// <summary>Writes the next row: three bytes per pixel. True when a band is complete, and in the output.</summary>
    public bool WriteRow(ReadOnlySpan<byte> row)
    {
        ReadOnlySpan<byte> noFilter = [0];
        band ??= new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true);
        band.Write(noFilter);
        band.Write(row);
        sum.Append(noFilter);
        sum.Append(row);
        if (++rows % BandRows != 0) { return false; }
        EndBand();
        return true;
    }

    /// <summary>Writes what is left, and the end.</summary>
    public void Finish()
    {
        EndBand();
        // An empty last block, and the checksum.
        Span<byte> end = [0x03, 0x00, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(end[2..], sum.Value);
        WriteChunk(output, "IDAT"u8, end);
        WriteChunk(output, "IEND"u8, []);
    }

    public void Dispose()
    {
        band?.Dispose();
        packed.Dispose();
    }

    private void EndBand()
    {
        if (band is null) { return; }
        // A flush ends on a byte; the block that marks the end of a stream, which disposal writes, is not part of the band.
        band.Flush();
        WriteChunk(output, "IDAT"u8, packed.GetBuffer().AsSpan(0, (int)packed.Length));
        band.Dispose();
        band = null;
        packed.SetLength(0);
    }

    private static void WriteChunk(Stream output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        output.Write(number);
        output.Write(type);
        output.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(type, data));
        output.Write(number);
    }
}
