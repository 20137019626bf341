using System.Globalization;
using System.Text;

namespace A2A.Micro.ServiceDefaults;

/// <summary>Spelling of exposition format 0.0.4: names, labels, numbers.</summary>
internal static class PrometheusText
{
    private const int LabelMax = 256;

    /// <summary><c>a2a.task.queue</c> in seconds is <c>a2a_task_queue_seconds</c>; a counter ends in <c>_total</c> (conventions C10).</summary>
    public static string Name(string instrument, string? unit, PrometheusKind kind)
    {
        var name = Identifier(instrument);
        var suffix = unit switch
        {
            null or "" or "1" => "",
            "s" => "seconds",
            "ms" => "milliseconds",
            "us" => "microseconds",
            "By" => "bytes",
            "%" => "percent",
            _ when unit.StartsWith('{') => "", // an annotation such as {task} counts things
            _ => Identifier(unit),
        };
        if (kind == PrometheusKind.Counter && name.EndsWith("_total", StringComparison.Ordinal)) { name = name[..^"_total".Length]; }
        if (suffix.Length > 0 && !name.EndsWith("_" + suffix, StringComparison.Ordinal)) { name += "_" + suffix; }
        return kind == PrometheusKind.Counter ? name + "_total" : name;
    }

    /// <summary>Labels in the order of their names, so that one set has one text.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0) { return ""; }
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            sorted[Identifier(key).Replace(':', '_')] = value switch
            {
                null => "",
                bool yes => yes ? "true" : "false",
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                _ => value.ToString() ?? "",
            };
        }

        return string.Join(',', sorted.Select(pair => $"{pair.Key}=\"{Label(pair.Value)}\""));
    }

    /// <summary>Escapes a help text: backslash and line feed.</summary>
    public static string Help(string text) => text.Replace("\\", @"\\").Replace("\n", @"\n");

    /// <summary>Prints a value the shortest way that reads back as the same.</summary>
    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString(CultureInfo.InvariantCulture);

    private static string Label(string value) =>
        (value.Length > LabelMax ? value[..LabelMax] : value)
        .Replace("\\", @"\\").Replace("\"", "\\\"").Replace("\n", @"\n");

    private static string Identifier(string text)
    {
        var name = new StringBuilder(text.Length);
        foreach (var c in text) { _ = name.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or ':' ? c : '_'); }
        return name.Length == 0 || char.IsAsciiDigit(name[0]) ? "_" + name : name.ToString();
    }
}
