using A2A.Micro.AgentSdk;

namespace A2A.Micro.Coordinator;

/// <summary>How a survey is split and put together again. Pure.</summary>
public static class SplitRules
{
    /// <summary>Runs of columns, as even as can be, that cover all of them once; one without columns for a file that has none.</summary>
    /// <param name="columns">Columns of the header, 0 or more.</param>
    /// <param name="parts">Wanted parts, 1 or more.</param>
    public static IReadOnlyList<ColumnRun> Split(int columns, int parts)
    {
        if (columns == 0) { return [new ColumnRun(0, -1)]; }
        var count = Math.Min(columns, parts);
        return [.. Enumerable.Range(0, count).Select(part => new ColumnRun(columns * part / count, (columns * (part + 1) / count) - 1))];
    }

    /// <summary>The whole from its parts, in the order of their columns.</summary>
    /// <exception cref="TaskFailedException">They are not parts of the same file: it changed meanwhile. Final, for the parts are done.</exception>
    public static SurveyReport Merge(IReadOnlyList<(string TaskId, PartReport Report)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var first = parts[0].Report;
        if (parts.Any(part => (part.Report.Rows, part.Report.BadRows, part.Report.Bytes) != (first.Rows, first.BadRows, first.Bytes)))
        {
            throw new TaskFailedException("DATASET_CHANGED", "the file changed while its parts were analysed", retryable: false);
        }

        return new SurveyReport
        {
            Rows = first.Rows,
            BadRows = first.BadRows,
            Bytes = first.Bytes,
            Columns = [.. parts.SelectMany(part => part.Report.Columns)],
            Parts = [.. parts.Select(part => new SurveyPart { TaskId = part.TaskId, Columns = part.Report.Columns.Count })],
        };
    }
}

/// <summary>Columns that stand side by side.</summary>
/// <param name="First">Place of the first, from 0.</param>
/// <param name="Last">Place of the last; before the first when there is none.</param>
public readonly record struct ColumnRun(int First, int Last)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<int> Places => [.. Enumerable.Range(First, Last - First + 1)];
}
