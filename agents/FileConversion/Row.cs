namespace A2A.Micro.FileConversion;

/// <summary>One row of a table on its way from one format to another.</summary>
/// <param name="Names">Names of its cells.</param>
/// <param name="Cells">As many.</param>
internal readonly record struct Row(IReadOnlyList<string> Names, IReadOnlyList<Cell> Cells);

/// <summary>One value. Numbers keep the text they were written with, so that no digit is lost.</summary>
internal readonly record struct Cell(CellKind Kind, string Text)
{
    public static readonly Cell Nothing = new(CellKind.Nothing, "");
}

/// <summary>What a cell holds.</summary>
internal enum CellKind
{
    /// <summary>No value.</summary>
    Nothing,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A JSON number, true or false.</summary>
    Literal,
}
