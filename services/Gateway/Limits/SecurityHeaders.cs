using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway.Limits;

/// <summary>What every reply tells a browser: nothing of it may be framed, guessed at, kept by others or made to load from elsewhere (security 11).</summary>
internal static class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'";

    public static void Say(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "";
    }
}
