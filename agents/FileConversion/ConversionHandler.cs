using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.FileConversion;

/// <summary>
/// Converts row by row. Objects of a JSON file may have different members while a CSV file has one header, so that direction
/// reads the source twice: first for the columns, then for the rows.
/// </summary>
public sealed class ConversionHandler(FileRoots files) : ITaskHandler<ConversionParameters, ConversionReport>
{
    private const int ColumnsMax = 10_000;
    private const int RowsBetweenLooks = 64;

    /// <inheritdoc />
    public void CanAccept(ConversionParameters parameters, OfferTask offer)
    {
        _ = files.Input(parameters.SourcePath, "source_path");
        _ = SourceFormat(parameters);
        if (parameters.TargetPath is { } target) { _ = files.Output(target, "target_path"); }
    }

    /// <inheritdoc />
    public Task<ConversionReport> Handle(ConversionParameters parameters, TaskContext context) =>
        context.OnOwnThread(token => Convert(parameters, context, token));

    private ConversionReport Convert(ConversionParameters parameters, TaskContext context, CancellationToken token)
    {
        var path = files.Input(parameters.SourcePath, "source_path");
        var source = new Source(path, SourceFormat(parameters), context, token);
        var target = files.Output(
            parameters.TargetPath ?? $"{context.TaskId}.{parameters.TargetFormat.Word()}", "target_path");
        using var output = OutputFileStream.Create(target, context);
        var rows = Write(source, parameters.TargetFormat, output);
        var (bytes, sha256) = output.Finish();
        context.Progress(1, $"{rows} rows");
        return new ConversionReport { TargetPath = target, Rows = rows, Bytes = bytes, Sha256 = sha256 };
    }

    private static long Write(Source source, TableFormat format, OutputFileStream output)
    {
        if (format == TableFormat.Csv)
        {
            var columns = source.Columns();
            return CsvTable.Write(source.Rows(0.5, 0.99), columns, output);
        }

        var buffered = new BufferedStream(output, 1 << 16);
        var rows = JsonTable.Write(source.Rows(0, 0.99), format == TableFormat.Ndjson, buffered);
        buffered.Flush();
        return rows;
    }

    private static TableFormat SourceFormat(ConversionParameters parameters)
    {
        var extension = Path.GetExtension(parameters.SourcePath).TrimStart('.');
        return parameters.SourceFormat
            ?? (WireWord.TryParse<TableFormat>(extension, out var format)
                ? format
                : throw new TaskRejectedException(
                    RejectionReason.InvalidParameters,
                    "$.source_format: cannot be told from the file's name; csv, json or ndjson"));
    }

    /// <summary>The file that is read, once or twice.</summary>
    private sealed class Source(string path, TableFormat format, TaskContext context, CancellationToken token)
    {
        public IReadOnlyList<string> Columns()
        {
            var known = new HashSet<string>(StringComparer.Ordinal);
            var columns = new List<string>();
            if (format == TableFormat.Csv)
            {
                using var csv = new CsvReader(File.OpenRead(path));
                return csv.Read() ? csv.ToArray() : [];
            }

            foreach (var row in Rows(0, 0.5))
            {
                columns.AddRange(row.Names.Where(known.Add));
                if (columns.Count > ColumnsMax)
                {
                    throw new TaskFailedException(
                        "TOO_MANY_COLUMNS", $"more than {ColumnsMax} different members", false);
                }
            }

            return columns;
        }

        public IEnumerable<Row> Rows(double from, double to)
        {
            using var file = File.OpenRead(path);
            var rows = 0L;
            foreach (var row in format == TableFormat.Csv
                ? CsvTable.Read(file)
                : JsonTable.Read(file, format == TableFormat.Ndjson, token))
            {
                if (rows++ % RowsBetweenLooks == 0)
                {
                    token.ThrowIfCancellationRequested();
                    context.Progress(from + ((to - from) * file.Position / Math.Max(1, file.Length)), $"{rows} rows");
                }

                yield return row;
            }
        }
    }
}
