using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Completes the span that ASP.NET Core starts for a request (OpenTelemetry HTTP conventions: name, route, status), takes health and
/// metrics requests out of the traces, and tells the caller the trace of its request in a <c>traceparent</c> response header.
/// </summary>
public sealed class HttpSpanNames(RequestDelegate next)
{
    /// <summary>Runs one request.</summary>
    public async Task Invoke(HttpContext http)
    {
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is not { } span)
        {
            await next(http).ConfigureAwait(false);
            return;
        }

        if (IsPlumbing(http.Request.Path))
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }

        // Set when the reply starts: an exception handler on the way clears what was set before.
        http.Response.OnStarting(static state =>
        {
            var (http, id) = ((HttpContext, string?))state;
            http.Response.Headers[TraceHeaders.TraceParent] = id;
            return Task.CompletedTask;
        }, (http, span.Id));
        try
        {
            await next(http).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _ = span.SetTag("error.type", e.GetType().FullName);
            throw;
        }
        finally
        {
            Complete(span, http);
        }
    }

    private static void Complete(Activity span, HttpContext http)
    {
        if (!span.IsAllDataRequested) { return; }
        var status = http.Response.StatusCode;
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? http.Request.Method : http.Request.Method + " " + route;
        _ = span.SetTag("http.route", route).SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError && span.GetTagItem("error.type") is null)
        {
            _ = span.SetTag("error.type", status.ToString()).SetStatus(ActivityStatusCode.Error);
        }
    }

    private static bool IsPlumbing(PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments("/metrics");
}
