using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.FileConversion;

/// <summary>
/// Converts row by row. Objects of a JSON file may have different members while a CSV file has one header, so that direction
/// reads the source twice: first for the columns, then for the rows. Every two seconds, and when it shall pause, it saves a checkpoint; another
/// attempt that sees the same folders writes on after the last saved row.
/// </summary>
/// <param name="files">Where it may read and write.</param>
/// <param name="clock">Measures the time between checkpoints.</param>
public sealed class ConversionHandler(FileRoots files, TimeProvider clock) : ITaskHandler<ConversionParameters, ConversionReport>
{
    private const int ColumnsMax = 10_000;
    private const int RowsBetweenLooks = 64;
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromSeconds(2);

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
        var written = new FileInfo(path);
        var job = $"{path} {written.Length} {written.LastWriteTimeUtc.Ticks} {parameters.TargetFormat.Word()}";
        var state = ConversionState.Read(context.ResumeToken, job);
        var resumed = state is null ? null : OutputFileStream.Resume(target, context, state.File);
        using var output = resumed ?? OutputFileStream.Create(target, context);
        var rows = Write(source, parameters.TargetFormat, output, resumed is null ? null : state, (rows, columns) =>
            new ConversionState(rows, output.Save(), job, columns).Write());
        var (bytes, sha256) = output.Finish();
        context.Progress(1, $"{rows} rows");
        return new ConversionReport { TargetPath = target, Rows = rows, Bytes = bytes, Sha256 = sha256 };
    }

    private long Write(Source source, TableFormat format, OutputFileStream output, ConversionState? state,
        Func<long, IReadOnlyList<string>?, string> save)
    {
        var timer = new CheckpointTimer(source.Context, CheckpointInterval, clock);
        var before = state?.Rows ?? 0;
        if (format == TableFormat.Csv)
        {
            var columns = state?.Columns ?? source.Columns();
            return CsvTable.Write(source.Rows(0.5, 0.99, before), columns, output, before, (rows, flush) => Look(rows, flush, columns));
        }

        var buffered = new BufferedStream(output, 1 << 16);
        var count = JsonTable.Write(source.Rows(0, 0.99, before), format == TableFormat.Ndjson, buffered, before,
            (rows, flush) => Look(rows, flush, null));
        buffered.Flush();
        return count;

        void Look(long rows, Action flush, IReadOnlyList<string>? columns)
        {
            if (rows % RowsBetweenLooks != 0 || !timer.IsDue()) { return; }
            flush();
            timer.Save(save(rows, columns), source.Portion);
        }
    }

    private static TableFormat SourceFormat(ConversionParameters parameters)
    {
        var extension = Path.GetExtension(parameters.SourcePath).TrimStart('.');
        return parameters.SourceFormat
            ?? (WireWord.TryParse<TableFormat>(extension, out var format)
                ? format
                : throw new TaskRejectedException(
                    RejectionReason.InvalidParameters,
                    "#/parameters/source_format: cannot be told from the file's name; csv, json or ndjson"));
    }

    /// <summary>The file that is read, once or twice.</summary>
    private sealed class Source(string path, TableFormat format, TaskContext context, CancellationToken token)
    {
        public TaskContext Context => context;

        /// <summary>How far the reading is, 0..1.</summary>
        public double Portion { get; private set; }

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

        public IEnumerable<Row> Rows(double from, double to, long skipped = 0)
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
                    Portion = from + ((to - from) * file.Position / Math.Max(1, file.Length));
                    context.Progress(Portion, $"{rows} rows");
                }

                if (rows > skipped) { yield return row; }
            }
        }
    }
}
