using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Audit;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Access;

/// <summary>
/// Writes down who did what over HTTP: every request that changes something, whatever became of it, and every one that was refused at the door. Reads are
/// in the traces. What an open host does nobody can be held to, so it is not written down. Nobody is told of a refusal or of a change before it is sealed,
/// but for tasks that are handed in: their submission says who did, in the same commit. A database that is away is waited for a moment and no longer.
/// </summary>
public sealed class AccessAudit(AuditLog audit, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly string[] RecordedElsewhere = ["submitTask", "submitBatch", "submitWorkflow", "sendMessage"];

    /// <summary>Whoever had no valid credential.</summary>
    public const string Stranger = "stranger";

    private static readonly string[] Names = ["taskId", "workflowId", "keyId", "commandId", "webhookId", "agentId", "letterId"];

    /// <summary>A request is let in: what becomes of it is written down before its answer begins.</summary>
    public void Watch(HttpContext http, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) { return; }
        http.Response.OnStarting(() =>
        {
            var status = http.Response.StatusCode;
            var entry = Entry(http, caller, status < 400 ? "done" : "refused", status < 400 ? null : $"status {status}");
            if (status >= 400 || !RecordedElsewhere.Contains(entry.Action)) { return Keep(entry); }
            audit.Take(entry);
            return Task.CompletedTask;
        });
    }

    /// <summary>A request is refused at the door.</summary>
    public Task Refused(HttpContext http, Caller? caller, string reason) =>
        Keep(Entry(http, caller ?? new Caller(Stranger, TenantNames.Default, Scopes.None), "refused", reason));

    private async Task Keep(AuditEntry entry)
    {
        using var limit = new CancellationTokenSource(Patience, clock);
        try
        {
            await audit.Keep(entry, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It waits in memory, and is sealed when the database is back.
        }
    }

    private AuditEntry Entry(HttpContext http, Caller caller, string outcome, string? reason) => new()
    {
        At = clock.GetUtcNow(),
        Actor = ActorOf(caller),
        Tenant = caller.Tenant,
        Action = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? http.Request.Method,
        Object = ObjectOf(http),
        Attempt = caller.Grant?.Attempt,
        Outcome = outcome,
        Reason = reason,
        Ip = http.Connection.RemoteIpAddress?.ToString(),
        Trace = Problems.TraceId(http),
    };

    // An agent that acts for a task is named beside the one for whom it acts.
    private static string ActorOf(Caller caller)
    {
        var subject = caller.Grant is { } grant ? $"agent.{grant.AgentId} for {caller.Subject} (task {TenantNames.Outside(grant.TaskId)})" : caller.Subject;
        return caller.KeyId is { } key ? $"{subject} ({key})" : subject;
    }

    // What a request makes is named by the address of it.
    private static string? ObjectOf(HttpContext http) =>
        Names.Select(name => http.Request.RouteValues[name] as string).FirstOrDefault(id => id is not null)
        ?? (http.Response.Headers.Location.ToString() is { Length: > 0 } made ? made[(made.LastIndexOf('/') + 1)..] : null);
}
