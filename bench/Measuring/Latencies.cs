using System.Diagnostics;

namespace A2A.Micro.Bench.Measuring;

/// <summary>How long each of many things took. Written from several threads, each to places of its own.</summary>
public sealed class Latencies(int count)
{
    private readonly long[] _ticks = new long[count];

    /// <summary>Notes one; <paramref name="started"/> is a <see cref="Stopwatch"/> timestamp.</summary>
    public void Note(int index, long started) => _ticks[index] = Stopwatch.GetTimestamp() - started;

    /// <summary>The value, in milliseconds, that this share of all did not exceed (nearest rank); 0 when there are none.</summary>
    public double Percentile(double share)
    {
        var sorted = _ticks.Where(ticks => ticks > 0).Order().ToArray();
        if (sorted.Length == 0) { return 0; }
        var rank = Math.Clamp((int)Math.Ceiling(share * sorted.Length), 1, sorted.Length);
        return sorted[rank - 1] * 1000.0 / Stopwatch.Frequency;
    }
}
