using System.Buffers.Binary;
using System.IO.Compression;

namespace A2A.Micro.ImageGeneration;

/// <summary>Writes a PNG (RFC 2083, 8 bits per channel, RGB) row by row.</summary>
internal sealed class PngWriter : IDisposable
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private readonly Stream output;
    private readonly ZLibStream pixels;

    public PngWriter(Stream output, int width, int height)
    {
        this.output = output;
        output.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        // Bits per channel, RGB, deflate, the standard filters, not interlaced.
        ReadOnlySpan<byte> form = [8, 2, 0, 0, 0];
        form.CopyTo(header[8..]);
        WriteChunk(output, "IHDR"u8, header);
        pixels = new ZLibStream(new BufferedStream(new ImageData(output), 1 << 16), CompressionLevel.Fastest);
    }

    /// <summary>Writes the next row: three bytes per pixel.</summary>
    public void WriteRow(ReadOnlySpan<byte> row)
    {
        pixels.WriteByte(0);
        pixels.Write(row);
    }

    /// <summary>Writes what is left, and the end.</summary>
    public void Finish()
    {
        pixels.Dispose();
        WriteChunk(output, "IEND"u8, []);
    }

    public void Dispose() => pixels.Dispose();

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

    // Each write becomes one chunk.
    private sealed class ImageData(Stream output) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (buffer.Length > 0) { WriteChunk(output, "IDAT"u8, buffer); }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
