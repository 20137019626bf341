using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace A2A.Micro.Gateway.Limits;

/// <summary>
/// Bounds of what stands before a body. The server has bounds of its own, four times as large, and refuses what is beyond them without a word of
/// explanation; whoever is merely too long is told here.
/// </summary>
internal static class HeadLimits
{
    /// <summary>Longest target of a request, in characters.</summary>
    public const int TargetMax = 8 * 1024;

    /// <summary>All header fields together, in characters.</summary>
    public const int FieldsMax = 16 * 1024;

    /// <summary>Most header fields.</summary>
    public const int FieldCountMax = 100;

    /// <summary>What is against a request, with the status that says so; null: nothing.</summary>
    public static (int Status, string Sentence)? Objection(HttpContext http)
    {
        if (http.Features.Get<IHttpRequestFeature>()?.RawTarget.Length > TargetMax)
        {
            return (StatusCodes.Status414UriTooLong, $"The address is longer than {TargetMax} characters; send lists in a body.");
        }

        var length = 0;
        foreach (var (name, values) in http.Request.Headers)
        {
            foreach (var value in values) { length += name.Length + (value?.Length ?? 0) + 4; }
        }

        return http.Request.Headers.Count > FieldCountMax
            ? (StatusCodes.Status431RequestHeaderFieldsTooLarge, $"More than {FieldCountMax} header fields.")
            : length > FieldsMax
                ? (StatusCodes.Status431RequestHeaderFieldsTooLarge, $"The header fields are together longer than {FieldsMax} characters.")
                : null;
    }
}
