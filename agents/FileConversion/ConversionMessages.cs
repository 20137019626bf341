using System.ComponentModel.DataAnnotations;

namespace A2A.Micro.FileConversion;

/// <summary>What to convert.</summary>
public sealed record ConversionParameters
{
    /// <summary>A file below the agent's data folders.</summary>
    [StringLength(4096, MinimumLength = 1)]
    public required string SourcePath { get; init; }

    /// <summary>Absent: by the file's extension.</summary>
    public TableFormat? SourceFormat { get; init; }

    /// <summary>What it shall be.</summary>
    public required TableFormat TargetFormat { get; init; }

    /// <summary>Below the agent's output folder; absent: the task's id with the format as extension.</summary>
    public string? TargetPath { get; init; }
}

/// <summary>How a table is written.</summary>
public enum TableFormat
{
    /// <summary>RFC 4180 with a header. A quoted field is a text; an unquoted one is a number, true, false, nothing, or else a text.</summary>
    Csv,

    /// <summary>One array of flat objects.</summary>
    Json,

    /// <summary>One flat object per line.</summary>
    Ndjson,
}

/// <summary>What came of it.</summary>
public sealed record ConversionReport
{
    /// <summary>The file that was written.</summary>
    public required string TargetPath { get; init; }

    /// <summary>Rows.</summary>
    public required long Rows { get; init; }

    /// <summary>Size of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Of the file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
}
