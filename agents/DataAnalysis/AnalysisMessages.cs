using System.ComponentModel.DataAnnotations;

namespace A2A.Micro.DataAnalysis;

/// <summary>What to analyse.</summary>
public sealed record AnalysisParameters
{
    /// <summary>A CSV file below the agent's data folders, with a header.</summary>
    [StringLength(4096, MinimumLength = 1)]
    public required string DatasetPath { get; init; }

    /// <summary>One character between fields; absent: found out from the header.</summary>
    [StringLength(1, MinimumLength = 1)]
    public string? Delimiter { get; init; }

    /// <summary>Absent: <see cref="AnalysisType.Summary"/>.</summary>
    public AnalysisType? AnalysisType { get; init; }

    /// <summary>Places of the columns to look at, from 0; absent: all. A row counts by all of its fields in any case.</summary>
    [MaxLength(2_000)]
    public IReadOnlyList<int>? Columns { get; init; }
}

/// <summary>How deep.</summary>
public enum AnalysisType
{
    /// <summary>Figures for every column.</summary>
    Summary,

    /// <summary>And for every numeric column where it is going.</summary>
    TrendAnalysis,
}

/// <summary>What was found.</summary>
public sealed record AnalysisReport
{
    /// <summary>Records that have as many fields as the header.</summary>
    public required long Rows { get; init; }

    /// <summary>Records that have not, and are left out.</summary>
    public required long BadRows { get; init; }

    /// <summary>Lines on which the first ten of them begin.</summary>
    public required IReadOnlyList<long> BadRowLines { get; init; }

    /// <summary>Size of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>The character between fields.</summary>
    public required string Delimiter { get; init; }

    /// <summary>One entry per column, in the order of the header.</summary>
    public required IReadOnlyList<ColumnReport> Columns { get; init; }
}

/// <summary>What was found in one column. Empty fields count in <see cref="Empty"/> and nowhere else.</summary>
public sealed record ColumnReport
{
    /// <summary>Its name in the header.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The narrowest of <c>integer</c>, <c>number</c>, <c>boolean</c>, <c>date</c>, <c>text</c> that fits all values;
    /// <c>empty</c> without a value.
    /// </summary>
    public required string Type { get; init; }

    /// <summary>Values.</summary>
    public required long Count { get; init; }

    /// <summary>Empty fields.</summary>
    public required long Empty { get; init; }

    /// <summary>Different values, up to 1,000; then <c>&gt;1000</c>.</summary>
    public required string Distinct { get; init; }

    /// <summary>The smallest value: by number in numeric columns, else by code unit; cut at 100 characters.</summary>
    public string? Min { get; init; }

    /// <summary>The largest value.</summary>
    public string? Max { get; init; }

    /// <summary>Only in numeric columns.</summary>
    public NumberReport? Numbers { get; init; }

    /// <summary>Only in numeric columns of a trend analysis with at least two values.</summary>
    public TrendReport? Trend { get; init; }
}

/// <summary>Figures of a numeric column.</summary>
public sealed record NumberReport
{
    /// <summary>Arithmetic mean.</summary>
    public required double Mean { get; init; }

    /// <summary>Standard deviation of the sample (n - 1).</summary>
    public required double Stddev { get; init; }

    /// <summary>Median.</summary>
    public required double P50 { get; init; }

    /// <summary>95 % of the values are not above it.</summary>
    public required double P95 { get; init; }

    /// <summary>Whether the percentiles come from all values or from a sample of them.</summary>
    public required bool PercentilesExact { get; init; }
}

/// <summary>The straight line through a column over the row number, by least squares.</summary>
public sealed record TrendReport
{
    /// <summary>Change per row.</summary>
    public required double Slope { get; init; }

    /// <summary>Share of the variance that the line explains, 0..1.</summary>
    public required double RSquared { get; init; }

    /// <summary><c>rising</c>, <c>falling</c>, or <c>flat</c> where the line explains less than 1 %.</summary>
    public required string Direction { get; init; }
}
