using System.Globalization;
using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.ImageGeneration;

/// <summary>Draws row by row straight into the file: memory for one row.</summary>
public sealed class ImageHandler(FileRoots files) : ITaskHandler<ImageParameters, ImageReport>
{
    private const int SideMin = 16;
    private const int SideMax = 16_384;

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
        var picture = new Mandelbrot(parameters, width, height);
        using var file = OutputFileStream.Create(path, context);
        using (var png = new PngWriter(file, width, height))
        {
            var row = new byte[width * 3];
            for (var y = 0; y < height; y++)
            {
                picture.DrawRow(y, row, token);
                png.WriteRow(row);
                context.Progress(0.99 * (y + 1) / height, $"row {y + 1} of {height}");
            }

            png.Finish();
        }

        var (bytes, sha256) = file.Finish();
        context.Progress(1, "written");
        return new ImageReport { Path = path, Width = width, Height = height, Bytes = bytes, Sha256 = sha256 };
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
        if (!isGood) { throw new TaskRejectedException(RejectionReason.InvalidParameters, $"$.{field}: {rule}"); }
    }
}
