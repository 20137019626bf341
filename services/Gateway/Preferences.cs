using System.Globalization;
using A2A.Micro.Contracts.Errors;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway;

/// <summary>How long a caller is willing to wait: <c>Prefer: wait=N</c> (RFC 7240), or <c>?wait=30s</c> where headers are out of reach.</summary>
public static class Preferences
{
    /// <summary>Longest wait; a larger wish is cut to it, and the answer says so.</summary>
    public const int WaitMaxS = 60;

    /// <summary>
    /// Seconds to wait; null when the caller did not ask. Marks the answer with <c>Vary</c> and <c>Preference-Applied</c>. A
    /// preference that cannot be read is ignored, as RFC 7240 has it; a query that cannot be read is an error.
    /// </summary>
    public static int? Wait(HttpContext http, string? query)
    {
        http.Response.Headers.Append("Vary", "Prefer");
        var wanted = query is null ? FromHeader(http.Request.Headers["Prefer"]) : FromQuery(query);
        if (wanted is not { } seconds) { return null; }
        var applied = (int)Math.Min(seconds, WaitMaxS);
        http.Response.Headers["Preference-Applied"] = $"wait={applied}";
        return applied;
    }

    /// <summary>The first readable <c>wait</c> of the header's preferences.</summary>
    internal static long? FromHeader(IEnumerable<string?> header)
    {
        foreach (var preference in header.SelectMany(line => (line ?? "").Split(',')))
        {
            var parts = preference.Split(';')[0].Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length == 2 && parts[0].Equals("wait", StringComparison.OrdinalIgnoreCase)
                && Seconds(parts[1].Trim('"')) is { } seconds)
            {
                return seconds;
            }
        }

        return null;
    }

    private static long FromQuery(string query) =>
        Seconds(query.EndsWith('s') ? query[..^1] : query) ?? throw new ProtocolException(
            ErrorKind.Validation,
            "wait is a number of seconds such as 30 or 30s.",
            new FieldError("#/query/wait", "a whole number of seconds, 0 to 60, such as 30 or 30s", ErrorKind.Validation.Code));

    private static long? Seconds(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;
}
