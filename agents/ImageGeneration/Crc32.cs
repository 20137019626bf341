namespace A2A.Micro.ImageGeneration;

/// <summary>The checksum of PNG chunks (ISO 3309, polynomial 0xEDB88320 reflected).</summary>
internal static class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    /// <summary>Over a chunk's type and data.</summary>
    public static uint Of(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data) =>
        ~Add(Add(uint.MaxValue, type), data);

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var each in bytes) { crc = Table[(byte)(crc ^ each)] ^ (crc >> 8); }
        return crc;
    }

    private static uint Entry(int index)
    {
        var entry = (uint)index;
        for (var bit = 0; bit < 8; bit++) { entry = (entry & 1) == 0 ? entry >> 1 : (entry >> 1) ^ 0xEDB88320; }
        return entry;
    }
}
