namespace A2A.Micro.DataAnalysis;

/// <summary>
/// Mean, deviation and trend in one pass (Welford 1962, and the same for the covariance with the row number), percentiles from
/// at most 10,000 values (Vitter 1985, algorithm R, with a fixed seed: the same file always gives the same figures).
/// </summary>
internal sealed class NumberSeries
{
    private const int SampleMax = 10_000;

    private readonly List<double> sample = [];
    private ulong random = 0x9E3779B97F4A7C15;
    private long count;
    private double mean;
    private double squares;
    private double rowMean;
    private double rowSquares;
    private double products;

    /// <summary>The smallest.</summary>
    public double Min { get; private set; } = double.PositiveInfinity;

    /// <summary>The largest.</summary>
    public double Max { get; private set; } = double.NegativeInfinity;

    /// <summary>Takes a value; always true.</summary>
    public bool Add(double value, long row)
    {
        count++;
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
        var rowOff = row - rowMean;
        rowMean += rowOff / count;
        rowSquares += rowOff * (row - rowMean);
        var off = value - mean;
        mean += off / count;
        squares += off * (value - mean);
        products += rowOff * (value - mean);
        Keep(value);
        return true;
    }

    /// <summary>The figures; only after at least one value.</summary>
    public NumberReport Report()
    {
        sample.Sort();
        return new NumberReport
        {
            Mean = Finite(mean),
            Stddev = count > 1 ? Finite(Math.Sqrt(Math.Max(0, squares / (count - 1)))) : 0,
            P50 = Percentile(0.50),
            P95 = Percentile(0.95),
            PercentilesExact = count <= SampleMax,
        };
    }

    /// <summary>The line through it; null with less than two values.</summary>
    public TrendReport? Trend()
    {
        if (count < 2) { return null; }
        var slope = Finite(products / rowSquares);
        var explained = squares > 0 ? Math.Clamp(Finite(products / rowSquares * (products / squares)), 0, 1) : 0;
        return new TrendReport
        {
            Slope = slope,
            RSquared = explained,
            Direction = explained < 0.01 ? "flat" : slope > 0 ? "rising" : "falling",
        };
    }

    private void Keep(double value)
    {
        if (sample.Count < SampleMax)
        {
            sample.Add(value);
            return;
        }

        var place = Next() % (ulong)count;
        if (place < SampleMax) { sample[(int)place] = value; }
    }

    // Linear between the two nearest ranks, as spreadsheets do.
    private double Percentile(double share)
    {
        var rank = share * (sample.Count - 1);
        var below = (int)rank;
        var above = Math.Min(below + 1, sample.Count - 1);
        return sample[below] + ((rank - below) * (sample[above] - sample[below]));
    }

    // Values near the end of the double range overflow in the sums; JSON knows no infinity.
    private static double Finite(double value) => double.IsFinite(value) ? value : 0;

    // splitmix64
    private ulong Next()
    {
        random += 0x9E3779B97F4A7C15;
        var z = random;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
