using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway;

/// <summary>What pages of lists have in common (conventions C8).</summary>
internal static class Paged
{
    /// <summary>Names the next page in the header <c>Link</c> (RFC 8288); nothing when there is none.</summary>
    public static void LinkNext(HttpContext http, string? cursor)
    {
        if (cursor is null) { return; }
        var query = QueryString.Create(http.Request.Query.Where(pair => pair.Key != "cursor").Append(new("cursor", cursor)));
        http.Response.Headers.Link = $"<{http.Request.PathBase}{http.Request.Path}{query}>; rel=\"next\"";
    }
}
