using A2A.Micro.Contracts.Errors;
using A2A.Micro.Security;
using A2A.Micro.Security.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.ServiceDefaults.Services;

/// <summary>
/// Stands before everything below <c>/internal</c> in every host: services of the same installation come in with a pass, and nobody else, whatever may be
/// mapped there. A host that is open to its own machine, and has no keys, asks nobody.
/// </summary>
internal sealed partial class InternalDoor(RequestDelegate next, InternalAccess access, TimeProvider clock, ILogger<InternalDoor> log)
{
    private const string Prefix = "/internal";

    public Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase)) { return next(http); }
        if (Refusal(http) is not { } reason) { return next(http); }
        LogRefused(log, http.Request.Method, http.Request.Path, http.Connection.RemoteIpAddress?.ToString(), reason);
        var kind = ErrorKind.Unauthenticated;
        return TypedResults.Problem(
            title: kind.Title, detail: "Only services of this installation are answered here.", statusCode: kind.HttpStatus,
            extensions: [new("code", kind.Code)]).ExecuteAsync(http);
    }

    private string? Refusal(HttpContext http)
    {
        if (access.Keys is not { } file) { return access.IsOpen ? null : "Security__ServiceKeyFile is not set"; }
        if (http.Request.Headers[ServicePass.Header] is not [{ } pass]) { return "no pass"; }
        // The neighbour may have looked at a new key before we did.
        return Refusal(http, file.Value, pass) is null ? null : Refusal(http, file.Fresh(), pass);
    }

    private string? Refusal(HttpContext http, ServiceKeys keys, string pass)
    {
        var (now, refusal) = (clock.GetUtcNow(), "no service is here");
        foreach (var service in access.Services)
        {
            var asked = new ServiceRequest(
                service, http.Request.Method, http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
                http.Request.Headers[ServicePass.TenantHeader].ToString());
            if (ServicePass.Refuses(keys, pass, asked, now) is not { } no) { return null; }
            refusal = no;
        }

        return refusal;
    }

    [LoggerMessage(1020, LogLevel.Warning, "SECURITY_ERROR {Method} {Path} from {Address} is refused: {Reason}")]
    private static partial void LogRefused(ILogger log, string method, string path, string? address, string reason);
}

/// <summary>By which keys the services of this installation know each other.</summary>
/// <param name="Keys">The keys, as their file stands now; null: there is none.</param>
/// <param name="Services">The services of this process.</param>
/// <param name="IsOpen">Whether this host asks nobody for anything.</param>
internal sealed record InternalAccess(WatchedFile<ServiceKeys>? Keys, IReadOnlyList<string> Services, bool IsOpen);
