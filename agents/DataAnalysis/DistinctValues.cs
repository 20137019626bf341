using System.Globalization;
using System.Security.Cryptography;
using System.Runtime.InteropServices;

namespace A2A.Micro.DataAnalysis;

/// <summary>Counts different values, exactly up to 1,000.</summary>
internal sealed class DistinctValues
{
    private const int Max = 1_000;
    private const int KeptWhole = 128;

    private readonly HashSet<string> seen;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private bool tooMany;

    public DistinctValues()
    {
        seen = new HashSet<string>(StringComparer.Ordinal);
        lookup = seen.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Takes a value; a long one by its hash, so that memory stays bounded.</summary>
    public void Add(ReadOnlySpan<char> value)
    {
        if (tooMany) { return; }
        _ = value.Length <= KeptWhole ? lookup.Add(value) : seen.Add(Hash(value));
        if (seen.Count > Max)
        {
            tooMany = true;
            seen.Clear();
            seen.TrimExcess();
        }
    }

    /// <summary>The number, or <c>&gt;1000</c>.</summary>
    public string Print() => tooMany ? ">" + Max : seen.Count.ToString(CultureInfo.InvariantCulture);

    private static string Hash(ReadOnlySpan<char> value) =>
        "\n" + Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(value)));
}
