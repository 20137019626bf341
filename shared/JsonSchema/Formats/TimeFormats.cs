using System.Text.RegularExpressions;

namespace A2A.Micro.JsonSchema.Formats;

/// <summary>Dates, times and durations of RFC 3339.</summary>
internal static partial class TimeFormats
{
    /// <summary>A date and a time with an offset, separated by T.</summary>
    public static bool IsDateTime(string text) =>
        text.Length > 11 && text[10] is 'T' or 't' && IsDate(text[..10]) && IsTime(text[11..]);

    /// <summary>A day that exists.</summary>
    public static bool IsDate(string text)
    {
        if (text.Length != 10 || !Date().IsMatch(text)) { return false; }
        var (year, month, day) = (PlainFormats.Digits(text.AsSpan(0, 4)), PlainFormats.Digits(text.AsSpan(5, 2)), PlainFormats.Digits(text.AsSpan(8, 2)));
        // The year 0 has a 29th of February like every fourth hundredth one; the calendar of .NET begins later.
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year == 0 ? 2000 : year, month);
    }

    /// <summary>A time of day with an offset; 60 seconds only at the end of a day of UTC, where leap seconds are.</summary>
    public static bool IsTime(string text)
    {
        if (Time().Match(text) is not { Success: true } time) { return false; }
        int Part(string name) => PlainFormats.Digits(time.Groups[name].ValueSpan);
        var (hour, minute, second) = (Part("hour"), Part("minute"), Part("second"));
        if (hour > 23 || minute > 59 || second > 60) { return false; }
        var offset = 0;
        if (time.Groups["sign"].Success)
        {
            var (hours, minutes) = (Part("offhour"), Part("offminute"));
            if (hours > 23 || minutes > 59) { return false; }
            offset = (hours * 60 + minutes) * (time.Groups["sign"].ValueSpan[0] == '-' ? -1 : 1);
        }

        const int Day = 24 * 60;
        return second < 60 || (hour * 60 + minute - offset + 2 * Day) % Day == Day - 1;
    }

    /// <summary>ISO 8601 in the form of RFC 3339, appendix A.</summary>
    public static bool IsDuration(string text) => Duration().IsMatch(text);

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Date();

    [GeneratedRegex(
        @"^(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(\.[0-9]+)?([Zz]|(?<sign>[+-])(?<offhour>[0-9]{2}):(?<offminute>[0-9]{2}))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Time();

    // Units come in order and without a gap: P1Y2D is none.
    [GeneratedRegex(
        "^P(?:[0-9]+W|(?=[0-9T])(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)?"
        + @"(?:T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))?)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
