using System.Globalization;
using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.ImageGeneration;

/// <summary>
/// Draws row by row straight into the file: memory for one band of rows. Every two seconds, and when it shall pause, it saves a checkpoint;
/// another attempt that sees the same output folder goes on there, and the file comes out the same to the byte.
/// </summary>
/// <param name="files">Where it may write.</param>
/// <param name="clock">Measures the time between checkpoints.</param>
public sealed class ImageHandler(FileRoots files, TimeProvider clock) : ITaskHandler<ImageParameters, ImageReport>
{
    private const int SideMin = 16;
    private const int SideMax = 16_384;
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public void CanAccept(ImageParameters parameters, OfferTask offer)
    {
        _ = Size(parameters);
        Check("scale", parameters.Scale is null or (>= 1e-13 and <= 10), "1e-13 to 10");
        Check("max_iterations", parameters.MaxIterations is null or (>= 1 and <= 10_000), "1 to 10000");
        Check("center_x", parameters.CenterX is null or (>= -4 and <= 4), "-4 to 4");
        Check("center_y", parameters.CenterY is null or (>= -4 and <= 4), "-4 to 4");
    }

    /// <inheritdoc />
    public Task<ImageReport> Handle(ImageParameters parameters, TaskContext context) =>
        context.OnOwnThread(token => Draw(parameters, context, token));

    private ImageReport Draw(ImageParameters parameters, TaskContext context, CancellationToken token)
    {
        var (width, height) = Size(parameters);
        var path = files.Output(context.TaskId + ".png", "task_id");
        var picture = DrawingState.PictureOf(parameters, width, height);
        var state = DrawingState.Read(context.ResumeToken, picture, height);
        var resumed = state is null ? null : OutputFileStream.Resume(path, context, state.File);
        using var file = resumed ?? OutputFileStream.Create(path, context);
        using (var png = resumed is null ? PngWriter.Begin(file, width, height) : PngWriter.Continue(file, state!.Sum))
        {
            DrawRows(new Mandelbrot(parameters, width, height), png, resumed is null ? 0 : state!.Row, (width, height), context,
                next => new DrawingState(next, png.Sum, file.Save(), picture).Write(), token);
            png.Finish();
        }

        var (bytes, sha256) = file.Finish();
        context.Progress(1, "written");
        return new ImageReport { Path = path, Width = width, Height = height, Bytes = bytes, Sha256 = sha256 };
    }

    private void DrawRows(Mandelbrot picture, PngWriter png, int first, (int Width, int Height) size, TaskContext context,
        Func<int, string> save, CancellationToken token)
    {
        var row = new byte[size.Width * 3];
        var timer = new CheckpointTimer(context, CheckpointInterval, clock);
        for (var y = first; y < size.Height; y++)
        {
            picture.DrawRow(y, row, token);
            var done = 0.99 * (y + 1) / size.Height;
            context.Progress(done, $"row {y + 1} of {size.Height}");
            if (png.WriteRow(row) && timer.IsDue()) { timer.Save(save(y + 1), done); }
        }
    }

    private static (int Width, int Height) Size(ImageParameters parameters)
    {
        var (width, height) = (parameters.Width, parameters.Height);
        if (parameters.Resolution is { } resolution)
        {
            var parts = resolution.Split('x', 'X');
            Check(
                "resolution",
                parts.Length == 2 && TryParse(parts[0], out var w) && TryParse(parts[1], out var h)
                && (width ?? w) == w && (height ?? h) == h,
                "such as 1920x1080, and the same as width and height where these are given too");
            width = int.Parse(parts[0], CultureInfo.InvariantCulture);
            height = int.Parse(parts[1], CultureInfo.InvariantCulture);
        }

        Check("width", width is >= SideMin and <= SideMax, $"{SideMin} to {SideMax}, here or in resolution");
        Check("height", height is >= SideMin and <= SideMax, $"{SideMin} to {SideMax}, here or in resolution");
        return (width!.Value, height!.Value);
    }

    private static bool TryParse(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static void Check(string field, bool isGood, string rule)
    {
        if (!isGood) { throw new TaskRejectedException(RejectionReason.InvalidParameters, $"#/parameters/{field}: {rule}"); }
    }
}
