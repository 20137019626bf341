using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// The two questions of an orchestrator (conventions C3). Live: is the process to be restarted? Ready: should work come here? The
/// answer is one word for anybody; which check failed is in the log.
/// </summary>
public static class Health
{
    /// <summary>The tag of a check that readiness depends on; the bus registers its own under it.</summary>
    public const string ReadyTag = "ready";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Adds <c>/health/live</c> and <c>/health/ready</c>.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/health/live", Live).ExcludeFromDescription();
        _ = routes.MapGet("/health/ready", Ready).ExcludeFromDescription();
    }

    /// <summary>No dependency is asked: a broker outage must not restart everything.</summary>
    private static Task Live(HttpContext http) => Answer(http, HealthStatus.Healthy);

    private static async Task Ready(HttpContext http, HealthCheckService checks, Draining draining, ILogger<Draining> log)
    {
        if (draining.HasBegun)
        {
            await Answer(http, HealthStatus.Unhealthy).ConfigureAwait(false);
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limit.CancelAfter(Limit);
        var status = HealthStatus.Unhealthy;
        try
        {
            var report = await checks.CheckHealthAsync(check => check.Tags.Contains(ReadyTag), limit.Token).ConfigureAwait(false);
            status = report.Status;
            foreach (var (name, entry) in report.Entries)
            {
                if (entry.Status == HealthStatus.Unhealthy) { HealthLog.NotReady(log, name, entry.Description ?? entry.Exception?.Message); }
            }
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            HealthLog.NotReady(log, "all", $"no answer within {Limit.TotalSeconds} s");
        }

        await Answer(http, status).ConfigureAwait(false);
    }

    private static Task Answer(HttpContext http, HealthStatus status)
    {
        http.Response.StatusCode = status == HealthStatus.Unhealthy
            ? StatusCodes.Status503ServiceUnavailable
            : StatusCodes.Status200OK;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync(status.ToString(), http.RequestAborted);
    }
}

internal static partial class HealthLog
{
    [LoggerMessage(1010, LogLevel.Information, "Not ready: {Check}: {Reason}")]
    public static partial void NotReady(ILogger log, string check, string? reason);
}
