using System.Globalization;
using System.Text;

namespace A2A.Micro.Bench.Line;

/// <summary>Line charts and bar charts as SVG, readable on light and dark pages.</summary>
public static class Picture
{
    private const int Width = 720, Height = 360, Left = 60, Right = 150, Top = 40, Bottom = 50;
    private static readonly string[] Colours = ["#8a8a8a", "#d08a2e", "#4f8fc0", "#b05fa8", "#2e8b57", "#c0504d"];

    /// <summary>How many tasks have waited no longer than so much, one curve per policy; the seconds on a logarithmic scale.</summary>
    public static string Waits(string title, IReadOnlyList<SimOutcome> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var longest = Math.Log10(Math.Max(10, runs.Max(run => run.MaxS) + 1));
        var svg = Begin(title);
        for (var decade = 0; decade <= longest; decade++)
        {
            var x = X(decade / longest);
            Add(svg, $"<line x1='{x:0}' y1='{Top}' x2='{x:0}' y2='{Height - Bottom}' stroke='#999' stroke-opacity='.3'/>");
            Text(svg, x, Height - Bottom + 18, "middle", decade == 0 ? "0" : $"{Math.Pow(10, decade):0} s");
        }

        for (var part = 0; part <= 4; part++) { Text(svg, Left - 8, Y(part / 4d) + 4, "end", $"{part * 25} %"); }
        foreach (var (run, i) in runs.Select((run, i) => (run, i)))
        {
            var points = Enumerable.Range(0, 201).Select(step =>
            {
                var at = Math.Min(run.Sorted.Count - 1, step * run.Sorted.Count / 200);
                return string.Create(CultureInfo.InvariantCulture, $"{X(Math.Log10(1 + run.Sorted[at]) / longest):0.0},{Y(step / 200d):0.0}");
            });
            Add(svg, $"<polyline fill='none' stroke='{Colours[i % Colours.Length]}' stroke-width='2' points='{string.Join(' ', points)}'/>");
            Legend(svg, run.Policy, i);
        }

        return End(svg, "seconds of waiting");
    }

    /// <summary>Groups of bars, one bar per policy in each.</summary>
    public static string Bars(string title, string unit, IReadOnlyList<string> policies, IReadOnlyList<(string Group, IReadOnlyList<double> Values)> groups)
    {
        ArgumentNullException.ThrowIfNull(policies);
        ArgumentNullException.ThrowIfNull(groups);
        var most = groups.Max(group => group.Values.Max());
        var svg = Begin(title);
        for (var part = 0; part <= 4; part++)
        {
            Add(svg, $"<line x1='{Left}' y1='{Y(part / 4d):0}' x2='{Width - Right}' y2='{Y(part / 4d):0}' stroke='#999' stroke-opacity='.3'/>");
            Text(svg, Left - 8, Y(part / 4d) + 4, "end", string.Create(CultureInfo.InvariantCulture, $"{most * part / 4:0.#}"));
        }

        var step = (Width - Left - Right) / (double)groups.Count;
        foreach (var (group, g) in groups.Select((group, g) => (group, g)))
        {
            var bar = step * 0.8 / group.Values.Count;
            for (var i = 0; i < group.Values.Count; i++)
            {
                var (x, y) = (Left + g * step + step * 0.1 + i * bar, Y(group.Values[i] / most));
                Add(svg, $"<rect x='{x:0.0}' y='{y:0.0}' width='{bar * 0.9:0.0}' height='{Height - Bottom - y:0.0}' fill='{Colours[i % Colours.Length]}'/>");
            }

            Text(svg, Left + (g + 0.5) * step, Height - Bottom + 18, "middle", group.Group);
        }

        for (var i = 0; i < policies.Count; i++) { Legend(svg, policies[i], i); }
        return End(svg, unit);
    }

    private static double X(double part) => Left + part * (Width - Left - Right);

    private static double Y(double part) => Height - Bottom - part * (Height - Top - Bottom);

    private static StringBuilder Begin(string title)
    {
        var svg = new StringBuilder();
        Add(svg, $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {Width} {Height}' font-family='sans-serif' font-size='12' fill='#777'>");
        Add(svg, $"<text x='{Left}' y='20' font-size='14'>{title}</text>");
        return svg;
    }

    private static void Legend(StringBuilder svg, string name, int i)
    {
        Add(svg, $"<rect x='{Width - Right + 15}' y='{Top + i * 20}' width='12' height='12' fill='{Colours[i % Colours.Length]}'/>");
        Text(svg, Width - Right + 33, Top + i * 20 + 10, "start", name);
    }

    private static void Text(StringBuilder svg, double x, double y, string anchor, string text) =>
        Add(svg, $"<text x='{x:0}' y='{y:0}' text-anchor='{anchor}'>{text}</text>");

    private static string End(StringBuilder svg, string unit)
    {
        Text(svg, (Left + Width - Right) / 2d, Height - 12, "middle", unit);
        Add(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Add(StringBuilder svg, FormattableString piece) => svg.Append(piece.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
