using System.Globalization;
using A2A.Micro.Contracts.Errors;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway.Limits;

/// <summary>
/// Refuses requests of callers that send too many, before anything is read. The headers <c>RateLimit-Policy</c> and <c>RateLimit</c>
/// (draft-ietf-httpapi-ratelimit-headers) stand on every refusal, and on other replies once half of what is allowed has gone: a caller far from its limit
/// pays nothing for it.
/// </summary>
public sealed class CallerGate(RequestDelegate next, CallerLimits limits, GatewayMetrics metrics)
{
    private readonly string _policy = limits.Policy is { } policy
        ? string.Create(CultureInfo.InvariantCulture, $"\"caller\";q={policy.Burst};w={Math.Max(1, Math.Ceiling(policy.Burst / policy.Rate))}")
        : "";

    private readonly int _quietAbove = limits.Policy is { } policy ? policy.Burst / 2 : -1;

    /// <summary>Runs the rest of the pipeline, or refuses.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal)) { return next(http); }
        var answer = limits.Take(http.Connection.RemoteIpAddress);
        if (answer.IsAllowed && answer.Left > _quietAbove) { return next(http); }
        Say(http.Response.Headers, answer);
        return answer.IsAllowed ? next(http) : Refuse(http, answer);
    }

    private void Say(IHeaderDictionary headers, BucketAnswer answer)
    {
        headers["RateLimit-Policy"] = _policy;
        headers["RateLimit"] = string.Create(
            CultureInfo.InvariantCulture, $"\"caller\";r={answer.Left};t={Math.Max(1, Math.Ceiling(answer.RetryAfterS))}");
    }

    private Task Refuse(HttpContext http, BucketAnswer answer)
    {
        metrics.CountLimited();
        var wait = (int)Math.Max(1, Math.Ceiling(answer.RetryAfterS));
        return Problems.Write(http, ErrorKind.RateLimited,
            string.Create(CultureInfo.InvariantCulture, $"More than {limits.Policy!.Value.Rate} requests a second; come again in {wait} s."),
            [], retryAfterS: wait);
    }
}
