using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.Envelopes;

/// <summary>
/// Runs the handler of a native route with a message that came in an envelope, over HTTP or over the bus. So both doors judge, store and answer
/// with the same code, and a rule that is added to one cannot be missing in the other.
/// </summary>
public sealed class InnerCall(EndpointDataSource routes, IServiceScopeFactory scopes, ILogger<ApiEdge> log)
{
    private static readonly string[] Passed =
        ["Location", "Retry-After", "Link", "Vary", "Preference-Applied", "Idempotency-Replayed", "A2A-Command-Id"];

    /// <summary>The reply of the route. Every failure is a reply too: problem details, never an exception.</summary>
    public async Task<InnerReply> Run(InnerRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        await using var scope = scopes.CreateAsyncScope();
        using var answer = new MemoryStream();
        var http = New(request, scope.ServiceProvider, answer, cancellation);
        await new ApiEdge(Allowed(request), log).InvokeAsync(http).ConfigureAwait(false);
        await http.Response.CompleteAsync().ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        return new InnerReply(
            http.Response.StatusCode,
            answer.Length > 0 ? JsonElement.Parse(answer.GetBuffer().AsSpan(0, (int)answer.Length)) : null,
            [.. Passed.Where(http.Response.Headers.ContainsKey).Select(name => (name, http.Response.Headers[name].ToString()))]);
    }

    // The door let in whoever has a credential; what the message asks for is judged by the rule of its own route.
    private RequestDelegate Allowed(InnerRequest request)
    {
        var route = request.Handler is null ? RouteOf(request.Route) : null;
        var rule = route is null ? new AccessRule(Scopes.TasksSubmit) : AccessTable.Of(route);
        return AccessGate.Objection(Caller.Current, rule) is { } sentence
            ? http => Problems.Write(http, ErrorKind.Forbidden, sentence, [])
            : request.Handler ?? route!.RequestDelegate ?? throw new InvalidOperationException($"the route {request.Route} has no handler");
    }

    private Endpoint RouteOf(string route) =>
        routes.Endpoints.First(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == route);

    private static DefaultHttpContext New(InnerRequest request, IServiceProvider services, Stream answer, CancellationToken cancellation)
    {
        var http = new DefaultHttpContext { RequestServices = services, RequestAborted = cancellation };
        http.Request.Method = request.Method;
        http.Request.Path = request.Path;
        if (request.TaskId is { } taskId) { http.Request.RouteValues["taskId"] = taskId; }
        var body = JsonSerializer.SerializeToUtf8Bytes(request.Body, WireJson.Options);
        http.Request.Body = new MemoryStream(body, writable: false);
        http.Request.ContentLength = body.Length;
        http.Request.ContentType = "application/json";
        foreach (var (name, value) in request.Headers) { http.Request.Headers[name] = value; }
        http.Response.Body = answer;
        return http;
    }
}

/// <summary>What is asked of a native route.</summary>
/// <param name="Route">The route's name, such as <c>submitTask</c>.</param>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its address; stands in problems.</param>
/// <param name="Body">What is sent.</param>
public sealed record InnerRequest(string Route, string Method, string Path, JsonElement Body)
{
    /// <summary>The task in the address.</summary>
    public string? TaskId { get; init; }

    /// <summary>Headers, such as <c>Prefer</c>.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Who answers, where no route does.</summary>
    internal RequestDelegate? Handler { get; init; }
}

/// <summary>What a native route answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body; null when there is none.</param>
/// <param name="Headers">The headers that a caller needs.</param>
public sealed record InnerReply(int Status, JsonElement? Body, IReadOnlyList<(string Name, string Value)> Headers)
{
    /// <summary>Whether it is problem details.</summary>
    public bool IsProblem => Status >= StatusCodes.Status400BadRequest;
}
