namespace A2A.Micro.ImageGeneration;

/// <summary>The checksum of a zlib stream (RFC 1950, section 8.2), which can be gone on with.</summary>
/// <param name="value">The checksum so far.</param>
internal struct Adler32(uint value)
{
    /// <summary>Of nothing.</summary>
    public const uint Initial = 1;

    private const uint Modulus = 65_521;

    // So many bytes can be added before the sums must be reduced.
    private const int Block = 5552;

    private uint low = value & 0xFFFF;
    private uint high = value >> 16;

    public readonly uint Value => (high << 16) | low;

    public void Append(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var block = data[..Math.Min(Block, data.Length)];
            foreach (var each in block)
            {
                low += each;
                high += low;
            }

            low %= Modulus;
            high %= Modulus;
            data = data[block.Length..];
        }
    }
}
