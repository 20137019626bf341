using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;

namespace A2A.Micro.FileConversion;

/// <summary>A table as CSV.</summary>
internal static partial class CsvTable
{
    private static readonly SearchValues<char> MustBeQuoted = SearchValues.Create(",;\t|\"\r\n");

    /// <summary>Reads row by row.</summary>
    /// <exception cref="TaskFailedException">A row is not as long as the header, or two columns have one name.</exception>
    public static IEnumerable<Row> Read(Stream source)
    {
        using var csv = new CsvReader(source);
        if (!csv.Read()) { yield break; }
        var names = csv.ToArray();
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            throw new TaskFailedException("INVALID_SOURCE", "two columns have the same name", false);
        }

        while (csv.Read())
        {
            if (csv.Count == names.Length)
            {
                yield return new Row(names, Cells(csv));
            }
            else if (csv.Count > 1 || csv[0].Length > 0)
            {
                throw new TaskFailedException(
                    "INVALID_SOURCE", $"line {csv.Line} has {csv.Count} fields, the header has {names.Length}", false);
            }
        }
    }

    /// <summary>Writes rows under these columns; the number of rows.</summary>
    /// <param name="rows">The rows that are not written yet.</param>
    /// <param name="columns">The header.</param>
    /// <param name="target">Where to.</param>
    /// <param name="before">Rows that are written already, with the header.</param>
    /// <param name="look">After each row: how many there are, and how to get them all into the target.</param>
    public static long Write(IEnumerable<Row> rows, IReadOnlyList<string> columns, Stream target, long before, Action<long, Action> look)
    {
        using var text = new StreamWriter(target, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        text.NewLine = "\r\n";
        if (columns.Count == 0) { return before + rows.LongCount(); }
        if (before == 0) { text.WriteLine(string.Join(',', columns.Select(name => Quote(new Cell(CellKind.Text, name))))); }
        var places = columns.Index().ToDictionary(each => each.Item, each => each.Index, StringComparer.Ordinal);
        var line = new string[columns.Count];
        var count = before;
        foreach (var row in rows)
        {
            Array.Fill(line, "");
            for (var cell = 0; cell < row.Names.Count; cell++)
            {
                line[places[row.Names[cell]]] = Quote(row.Cells[cell]);
            }

            text.WriteLine(string.Join(',', line));
            look(++count, text.Flush);
        }

        return count;
    }

    private static Cell[] Cells(CsvReader csv)
    {
        var cells = new Cell[csv.Count];
        for (var field = 0; field < cells.Length; field++)
        {
            var text = csv[field].ToString();
            cells[field] = csv.WasQuoted(field) ? new Cell(CellKind.Text, text)
                : text.Length == 0 ? Cell.Nothing
                : new Cell(Literal().IsMatch(text) ? CellKind.Literal : CellKind.Text, text);
        }

        return cells;
    }

    // A text that would be read back as something else is quoted, so that every conversion can be undone.
    private static string Quote(Cell cell) =>
        cell.Kind == CellKind.Text
        && (cell.Text.Length == 0 || cell.Text.AsSpan().ContainsAny(MustBeQuoted) || cell.Text.Trim() != cell.Text
            || cell.Text[0] == '\uFEFF' || Literal().IsMatch(cell.Text))
            ? $"\"{cell.Text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : cell.Text;

    // The grammar of RFC 8259, section 6: 007 and +1 are texts.
    [GeneratedRegex(
        @"\A(?:true|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Literal();
}
