using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace A2A.Micro.Coordinator;

/// <summary>What to survey.</summary>
public sealed record SurveyParameters
{
    /// <summary>A CSV file below the agents' data folders, with a header. All agents see the same folders.</summary>
    [StringLength(4096, MinimumLength = 1)]
    public required string DatasetPath { get; init; }

    /// <summary>One character between fields; absent: found out from the header.</summary>
    [StringLength(1, MinimumLength = 1)]
    public string? Delimiter { get; init; }

    /// <summary><c>summary</c> or <c>trend_analysis</c>; absent: <c>summary</c>.</summary>
    [RegularExpression("summary|trend_analysis")]
    public string? AnalysisType { get; init; }

    /// <summary>Parts that the work is split into, never more than there are columns; absent: 4.</summary>
    [Range(1, 64)]
    public int? Parts { get; init; }
}

/// <summary>What was found: the figures of one analysis of the whole file.</summary>
public sealed record SurveyReport
{
    /// <summary>Records that have as many fields as the header.</summary>
    public required long Rows { get; init; }

    /// <summary>Records that have not, and are left out.</summary>
    public required long BadRows { get; init; }

    /// <summary>Size of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>One entry per column, in the order of the header, as the agents for <c>data.analysis</c> reported it.</summary>
    public required IReadOnlyList<JsonElement> Columns { get; init; }

    /// <summary>Who did what.</summary>
    public required IReadOnlyList<SurveyPart> Parts { get; init; }
}

/// <summary>One part of a survey.</summary>
public sealed record SurveyPart
{
    /// <summary>The child that did it.</summary>
    public required string TaskId { get; init; }

    /// <summary>Columns that it looked at.</summary>
    public required int Columns { get; init; }
}

/// <summary>What the Coordinator needs of the result of <c>data.analysis</c>; the figures of a column pass through as they are.</summary>
public sealed record PartReport
{
    /// <summary>Records that count.</summary>
    public required long Rows { get; init; }

    /// <summary>Records that do not.</summary>
    public required long BadRows { get; init; }

    /// <summary>Size of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>The figures.</summary>
    public required IReadOnlyList<JsonElement> Columns { get; init; }
}
