using A2A.Micro.Contracts.Errors;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace A2A.Micro.Gateway;

/// <summary>Conditional requests (RFC 9110 section 13). The tag of a task is its version, the one that <c>state.changed</c> carries.</summary>
internal static class Conditions
{
    /// <summary>Tags a reply with the version; true when the caller holds it already and 304 is the answer.</summary>
    public static bool HoldsAlready(HttpContext http, Reading reading)
    {
        var tag = TagOf(reading);
        http.Response.Headers.ETag = tag.ToString();
        http.Response.Headers.CacheControl = "no-cache";
        // A stale view has an old version: it must not confirm what the caller holds.
        return !reading.Stale
            && EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch.ToArray()!, out var held)
            && held.Any(one => one == EntityTagHeaderValue.Any || one.Compare(tag, useStrongComparison: false));
    }

    /// <summary>Whether the caller made a condition of what the task is like.</summary>
    public static bool IsConditional(HttpRequest request) => request.Headers.IfMatch.Count > 0;

    /// <summary>The refusal of a request whose condition does not hold; null when it holds or there is none.</summary>
    /// <exception cref="ProtocolException">The condition cannot be read.</exception>
    public static IResult? Refusal(HttpContext http, Reading reading)
    {
        if (!IsConditional(http.Request)) { return null; }
        if (!EntityTagHeaderValue.TryParseStrictList(http.Request.Headers.IfMatch.ToArray()!, out var wanted))
        {
            throw new ProtocolException(ErrorKind.Validation, "If-Match cannot be read.",
                new FieldError("#/headers/if-match", "the ETag of the task in quotes, such as \"7\", or *", ErrorKind.Validation.Code));
        }

        var tag = TagOf(reading);
        if (wanted.Any(one => one == EntityTagHeaderValue.Any || one.Tag == tag.Tag)) { return null; }
        http.Response.Headers.ETag = tag.ToString();
        return Problems.Of(ErrorKind.PreconditionFailed, $"The task is at version {reading.Document.Version}; read it again.",
            [new FieldError("#/headers/if-match", $"the task is at version {reading.Document.Version}", ErrorKind.PreconditionFailed.Code)]);
    }

    private static EntityTagHeaderValue TagOf(Reading reading) => new($"\"{reading.Document.Version}\"");
}
