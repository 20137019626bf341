using System.Security.Cryptography;
using System.Text;

namespace A2A.Micro.ImageGeneration;

/// <summary>The Mandelbrot set with smooth colours (the fractional escape time, so that there are no bands).</summary>
internal sealed class Mandelbrot
{
    private const int PixelsBetweenLooks = 128;
    private const double Escape = 256;

    private readonly int iterations;
    private readonly int width;
    private readonly double left;
    private readonly double top;
    private readonly double step;
    private readonly double[] phases;

    public Mandelbrot(ImageParameters parameters, int width, int height)
    {
        this.width = width;
        iterations = parameters.MaxIterations ?? 256;
        step = (parameters.Scale ?? 2.6) / height;
        left = (parameters.CenterX ?? -0.6) - (step * (width - 1) / 2);
        top = (parameters.CenterY ?? 0) + (step * (height - 1) / 2);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(parameters.Prompt ?? ""));
        phases = [.. hash.Take(3).Select(part => part / 256.0)];
    }

    /// <summary>Draws one row, three bytes per pixel; looks at the token every few milliseconds.</summary>
    public void DrawRow(int y, Span<byte> row, CancellationToken token)
    {
        var imaginary = top - (step * y);
        for (var x = 0; x < width; x++)
        {
            if (x % PixelsBetweenLooks == 0) { token.ThrowIfCancellationRequested(); }
            Colour(EscapeTime(left + (step * x), imaginary), row.Slice(x * 3, 3));
        }
    }

    // Negative inside the set.
    private double EscapeTime(double cx, double cy)
    {
        var (x, y, xx, yy) = (0.0, 0.0, 0.0, 0.0);
        for (var n = 0; n < iterations; n++)
        {
            y = (2 * x * y) + cy;
            x = xx - yy + cx;
            (xx, yy) = (x * x, y * y);
            if (xx + yy > Escape) { return n + 1 - Math.Log2(Math.Log2(xx + yy) / 2); }
        }

        return -1;
    }

    private void Colour(double time, Span<byte> pixel)
    {
        if (time < 0)
        {
            pixel.Clear();
            return;
        }

        var turn = Math.Sqrt(Math.Max(0, time)) * 0.35;
        for (var channel = 0; channel < 3; channel++)
        {
            pixel[channel] = (byte)(127.5 * (1 + Math.Cos(2 * Math.PI * (turn + phases[channel]))));
        }
    }
}
