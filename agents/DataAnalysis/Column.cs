using System.Globalization;

namespace A2A.Micro.DataAnalysis;

/// <summary>What is known of one column so far: bounded, however many values pass.</summary>
internal sealed class Column(string name)
{
    private const int ShownMax = 100;

    private readonly DistinctValues distinct = new();
    private readonly NumberSeries numbers = new();
    private long count;
    private long empty;
    private bool integers = true;
    private bool numeric = true;
    private bool booleans = true;
    private bool dates = true;
    private string? min;
    private string? max;

    /// <summary>Takes the value of a row.</summary>
    public void Add(ReadOnlySpan<char> field, long row)
    {
        if (field.IsWhiteSpace())
        {
            empty++;
            return;
        }

        count++;
        distinct.Add(field);
        if (numeric) { AddNumber(field.Trim(), row); }
        if (booleans) { booleans = bool.TryParse(field, out _); }
        if (dates) { dates = IsDate(field.Trim()); }
        var shown = field.Length > ShownMax ? field[..ShownMax] : field;
        if (min is null || shown.SequenceCompareTo(min) < 0) { min = shown.ToString(); }
        if (max is null || shown.SequenceCompareTo(max) > 0) { max = shown.ToString(); }
    }

    /// <summary>The figures.</summary>
    public ColumnReport Report(bool withTrend)
    {
        var isNumber = count > 0 && numeric;
        return new ColumnReport
        {
            Name = name,
            Type = Type(),
            Count = count,
            Empty = empty,
            Distinct = distinct.Print(),
            Min = isNumber ? Print(numbers.Min) : min,
            Max = isNumber ? Print(numbers.Max) : max,
            Numbers = isNumber ? numbers.Report() : null,
            Trend = isNumber && withTrend ? numbers.Trend() : null,
        };
    }

    private string Type() =>
        count == 0 ? "empty"
        : numeric ? integers ? "integer" : "number"
        : booleans ? "boolean"
        : dates ? "date"
        : "text";

    private void AddNumber(ReadOnlySpan<char> field, long row)
    {
        // 007 is a code, not a number; so is what double.TryParse makes of the word Infinity.
        var digits = field.TrimStart("+-");
        var isCode = digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]);
        numeric = !isCode
            && digits.Length > 0 && (char.IsAsciiDigit(digits[0]) || digits[0] == '.')
            && double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value)
            && numbers.Add(value, row);
        integers = integers && numeric && !digits.ContainsAny('.', 'e', 'E');
    }

    private static bool IsDate(ReadOnlySpan<char> field) =>
        field.Length >= 8 && char.IsAsciiDigit(field[0])
        && DateTime.TryParse(field, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _);

    private static string Print(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
