using A2A.Micro.Contracts.Errors;
using A2A.Micro.Gateway.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway;

/// <summary>
/// Around every request: the protocol's version on every reply, problem details for every exception and for every error that
/// somebody answered without a body (unknown route, wrong method, wrong media type).
/// </summary>
public sealed class ApiEdge(RequestDelegate next, ILogger<ApiEdge> log)
{
    /// <summary>The header on every reply.</summary>
    public const string VersionHeader = "A2A-Protocol-Version";

    /// <summary>The version of the protocol that is spoken here (requirements 4).</summary>
    public const string ProtocolVersion = "1.0.0";

    /// <summary>Runs the rest of the pipeline.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        http.Response.Headers[VersionHeader] = ProtocolVersion;
        SecurityHeaders.Say(http.Response.Headers);
        if (HeadLimits.Objection(http) is var (status, sentence))
        {
            http.Response.Headers.Connection = "close";
            await Problems.Write(http, ErrorKind.TooLarge, sentence, [], status).ConfigureAwait(false);
            return;
        }

        try
        {
            await next(http).ConfigureAwait(false);
            await FillEmptyError(http).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has left; there is nobody to answer.
        }
#pragma warning disable CA1031 // the edge of the process: every exception has an answer here
        catch (Exception e) when (!http.Response.HasStarted)
#pragma warning restore CA1031
        {
            await Answer(http, e).ConfigureAwait(false);
        }
    }

    private async Task Answer(HttpContext http, Exception exception)
    {
        http.Response.Clear();
        http.Response.Headers[VersionHeader] = ProtocolVersion;
        SecurityHeaders.Say(http.Response.Headers);
        if (Problems.Explain(exception) is not { } known)
        {
            ApiEdgeLog.Unexpected(log, exception, http.Request.Method, http.Request.Path);
            await Problems.Write(http, ErrorKind.Internal, "It is recorded under the trace id.", []).ConfigureAwait(false);
            return;
        }

        if (known.Kind.HttpStatus >= 500) { ApiEdgeLog.Unavailable(log, exception, http.Request.Method, http.Request.Path); }
        // A slow body keeps its own status: 408 tells a client that the connection is the matter (RFC 9110 section 15.5.9).
        var status = exception is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } slow
            ? slow.StatusCode
            : (int?)null;
        await Problems.Write(http, known.Kind, known.Detail, known.Errors, status).ConfigureAwait(false);
    }

    private static Task FillEmptyError(HttpContext http)
    {
        var response = http.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentLength > 0 || response.ContentType is not null)
        {
            return Task.CompletedTask;
        }

        var request = http.Request;
        return response.StatusCode switch
        {
            404 => Write(ErrorKind.NotFound, $"There is nothing at {Problems.Quote(request.Path)}."),
            405 => Write(ErrorKind.MethodNotAllowed, $"{request.Method} is not allowed here; allowed: {response.Headers.Allow}."),
            415 => Write(ErrorKind.UnsupportedMediaType, HttpMethods.IsPatch(request.Method)
                ? "Send application/merge-patch+json or application/json in UTF-8."
                : "Send application/json in UTF-8."),
            413 => Write(ErrorKind.TooLarge, "The body is over the size limit."),
            >= 500 => Write(ErrorKind.Internal, "It is recorded under the trace id."),
            _ => Write(ErrorKind.Validation, "The request is not valid."),
        };

        Task Write(ErrorKind kind, string detail) => Problems.Write(http, kind, detail, [], response.StatusCode);
    }
}

internal static partial class ApiEdgeLog
{
    [LoggerMessage(3001, LogLevel.Error, "{Method} {Path} failed in a way that nobody foresaw")]
    public static partial void Unexpected(ILogger log, Exception exception, string method, string path);

    [LoggerMessage(3002, LogLevel.Warning, "{Method} {Path} could not be served: something it needs is not there")]
    public static partial void Unavailable(ILogger log, Exception exception, string method, string path);
}
