using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.DataAnalysis;

/// <summary>Reads a CSV file once, in memory that does not depend on its size.</summary>
public sealed class AnalysisHandler(FileRoots files) : ITaskHandler<AnalysisParameters, AnalysisReport>
{
    private const int BadLinesShown = 10;
    private const int ColumnsMax = 2_000;
    private const int RowsBetweenLooks = 256;

    /// <inheritdoc />
    public void CanAccept(AnalysisParameters parameters, OfferTask offer)
    {
        _ = files.Input(parameters.DatasetPath, "dataset_path");
        if (parameters.Delimiter is { } delimiter && (delimiter.Length != 1 || delimiter[0] is '"' or '\r' or '\n'))
        {
            throw new TaskRejectedException(
                RejectionReason.InvalidParameters, "#/parameters/delimiter: one character, neither a quote nor a line break");
        }
    }

    /// <inheritdoc />
    public Task<AnalysisReport> Handle(AnalysisParameters parameters, TaskContext context) =>
        context.OnOwnThread(token => Analyse(parameters, context, token));

    private AnalysisReport Analyse(AnalysisParameters parameters, TaskContext context, CancellationToken token)
    {
        using var file = File.OpenRead(files.Input(parameters.DatasetPath, "dataset_path"));
        using var csv = new CsvReader(file, parameters.Delimiter?[0]);
        var columns = Header(csv, parameters.Columns);
        var rows = 0L;
        var bad = 0L;
        var badLines = new List<long>();
        while (columns.Length > 0 && csv.Read())
        {
            if (csv.Count == columns.Length)
            {
                for (var column = 0; column < columns.Length; column++) { columns[column]?.Add(csv[column], rows); }
                rows++;
            }
            else if (csv.Count > 1 || csv[0].Length > 0)
            {
                bad++;
                if (badLines.Count < BadLinesShown) { badLines.Add(csv.Line); }
            }

            if ((rows + bad) % RowsBetweenLooks == 0) { Look(file, rows, context, token); }
        }

        context.Progress(1, $"{rows} rows");
        var withTrend = parameters.AnalysisType == AnalysisType.TrendAnalysis;
        return new AnalysisReport
        {
            Rows = rows,
            BadRows = bad,
            BadRowLines = badLines,
            Bytes = file.Length,
            Delimiter = csv.Delimiter.ToString(),
            Columns = [.. columns.OfType<Column>().Select(column => column.Report(withTrend))],
        };
    }

    // As many as the header has; null where nobody asked.
    private static Column?[] Header(CsvReader csv, IReadOnlyList<int>? wanted)
    {
        var count = csv.Read() ? csv.Count : 0;
        if (count > ColumnsMax) { throw new TaskFailedException("TOO_MANY_COLUMNS", $"{count} columns; at most {ColumnsMax}", false); }
        foreach (var place in (wanted ?? []).Where(place => place < 0 || place >= count))
        {
            throw new TaskFailedException("NO_SUCH_COLUMN", $"there is no column at place {place}; the header has {count}, counted from 0", false);
        }

        var chosen = wanted?.ToHashSet();
        return count == 0 ? [] : [.. csv.ToArray().Select((name, place) => chosen?.Contains(place) != false ? new Column(name) : null)];
    }

    private static void Look(FileStream file, long rows, TaskContext context, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        context.Progress(Math.Min(0.99, (double)file.Position / Math.Max(1, file.Length)), $"{rows} rows");
    }
}
