using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Audit;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Access;

/// <summary>
/// Writes down who did what over HTTP: every request that changes something, whatever became of it, and every one that was refused at the door. Reads are
/// in the traces. What an open host does nobody can be held to, so it is not written down.
/// </summary>
public sealed class AccessAudit(AuditLog audit, TimeProvider clock)
{
    /// <summary>Whoever had no valid credential.</summary>
    public const string Stranger = "stranger";

    private static readonly string[] Names = ["taskId", "workflowId", "keyId", "commandId", "webhookId", "agentId", "letterId"];

    /// <summary>A request was answered.</summary>
    public void Answered(HttpContext http, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) { return; }
        var status = http.Response.StatusCode;
        Take(http, caller, status < 400 ? "done" : "refused", status < 400 ? null : $"status {status}");
    }

    /// <summary>A request was refused at the door.</summary>
    public void Refused(HttpContext http, Caller? caller, string reason) =>
        Take(http, caller ?? new Caller(Stranger, TenantNames.Default, Scopes.None), "refused", reason);

    private void Take(HttpContext http, Caller caller, string outcome, string? reason) => audit.Take(new AuditEntry
    {
        At = clock.GetUtcNow(),
        Actor = caller.KeyId is { } key ? $"{caller.Subject} ({key})" : caller.Subject,
        Tenant = caller.Tenant,
        Action = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? http.Request.Method,
        Object = ObjectOf(http),
        Outcome = outcome,
        Reason = reason,
        Ip = http.Connection.RemoteIpAddress?.ToString(),
        Trace = Problems.TraceId(http),
    });

    // What a request makes is named by the address of it.
    private static string? ObjectOf(HttpContext http) =>
        Names.Select(name => http.Request.RouteValues[name] as string).FirstOrDefault(id => id is not null)
        ?? (http.Response.Headers.Location.ToString() is { Length: > 0 } made ? made[(made.LastIndexOf('/') + 1)..] : null);
}
