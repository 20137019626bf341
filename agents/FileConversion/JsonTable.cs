using System.Text.Encodings.Web;
using System.Text.Json;
using A2A.Micro.AgentSdk;

namespace A2A.Micro.FileConversion;

/// <summary>A table as JSON: one array of flat objects, or one such object per line.</summary>
internal static class JsonTable
{
    private static readonly JsonSerializerOptions Reading = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    // Every row is checked as it is built; a second check by the writer would cost as much again.
    private static readonly JsonWriterOptions Writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Reads row by row.</summary>
    /// <param name="source">UTF-8.</param>
    /// <param name="lines">One object per line instead of an array.</param>
    /// <param name="token">Looked at with every buffer.</param>
    /// <exception cref="TaskFailedException">Not JSON, not an object, or not flat.</exception>
    public static IEnumerable<Row> Read(Stream source, bool lines, CancellationToken token)
    {
        if (source.Length == 0 && lines) { yield break; }
        using var elements = JsonSerializer
            .DeserializeAsyncEnumerable<JsonElement>(source, topLevelValues: lines, Reading, token)
            .ToBlockingEnumerable(token).GetEnumerator();
        for (var number = 1L; Next(elements, number); number++) { yield return ToRow(elements.Current, number); }
    }

    /// <summary>Writes rows; their number.</summary>
    /// <param name="rows">The rows that are not written yet.</param>
    /// <param name="lines">One object per line instead of an array.</param>
    /// <param name="target">Where to.</param>
    /// <param name="before">Rows that are written already.</param>
    /// <param name="look">After each row: how many there are, and how to get them all into the target.</param>
    public static long Write(IEnumerable<Row> rows, bool lines, Stream target, long before, Action<long, Action> look)
    {
        using var json = new Utf8JsonWriter(target, Writing);
        var count = before;
        if (!lines && before == 0) { target.Write("["u8); }
        foreach (var row in rows)
        {
            target.Write(lines ? [] : count > 0 ? ",\n"u8 : "\n"u8);
            WriteRow(json, row);
            json.Flush();
            json.Reset();
            if (lines) { target.Write("\n"u8); }
            look(++count, target.Flush);
        }

        if (!lines) { target.Write("\n]\n"u8); }
        return count;
    }

    private static bool Next(IEnumerator<JsonElement> elements, long number)
    {
        try
        {
            return elements.MoveNext();
        }
        catch (JsonException fault)
        {
            throw new TaskFailedException("INVALID_SOURCE", $"row {number}: {fault.Message}", false);
        }
    }

    private static Row ToRow(JsonElement element, long number)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new TaskFailedException("INVALID_SOURCE", $"row {number} is not an object", false);
        }

        var names = new List<string>();
        var cells = new List<Cell>();
        foreach (var property in element.EnumerateObject())
        {
            names.Add(property.Name);
            cells.Add(ToCell(property, number));
        }

        return new Row(names, cells);
    }

    private static Cell ToCell(JsonProperty property, long number) => property.Value.ValueKind switch
    {
        JsonValueKind.String => new Cell(CellKind.Text, property.Value.GetString()!),
        JsonValueKind.Null => Cell.Nothing,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False =>
            new Cell(CellKind.Literal, property.Value.GetRawText()),
        _ => throw new TaskFailedException("NOT_FLAT", $"row {number}: {property.Name} is not a simple value", false),
    };

    private static void WriteRow(Utf8JsonWriter json, Row row)
    {
        json.WriteStartObject();
        for (var cell = 0; cell < row.Names.Count; cell++)
        {
            json.WritePropertyName(row.Names[cell]);
            var (kind, text) = row.Cells[cell];
            switch (kind)
            {
                case CellKind.Text:
                    json.WriteStringValue(text);
                    break;
                case CellKind.Literal:
                    json.WriteRawValue(text, skipInputValidation: true);
                    break;
                default:
                    json.WriteNullValue();
                    break;
            }
        }

        json.WriteEndObject();
    }
}
