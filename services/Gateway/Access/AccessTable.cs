using A2A.Micro.Gateway.Catalogue;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Access;

/// <summary>Which route asks for what: one line per route. A route that is not here lets nobody in.</summary>
public static class AccessTable
{
    private static readonly Dictionary<string, AccessRule> Named = new(StringComparer.Ordinal)
    {
        ["submitTask"] = new(Scopes.TasksSubmit) { ByGrant = true },
        ["submitBatch"] = new(Scopes.TasksSubmit) { ByGrant = true },
        ["submitWorkflow"] = new(Scopes.TasksSubmit),
        ["resumeWorkflow"] = new(Scopes.TasksSubmit),
        ["listTasks"] = new(Scopes.TasksRead),
        ["getTask"] = new(Scopes.TasksRead) { ByGrant = true },
        ["getTaskResult"] = new(Scopes.TasksRead) { ByGrant = true },
        ["getTaskTree"] = new(Scopes.TasksRead) { ByGrant = true },
        ["getTaskHistory"] = new(Scopes.TasksRead) { ByGrant = true },
        ["explainTask"] = new(Scopes.TasksRead) { ByGrant = true },
        ["listPartials"] = new(Scopes.TasksRead) { ByGrant = true },
        ["listTaskCommands"] = new(Scopes.TasksRead),
        ["getCommand"] = new(Scopes.TasksRead),
        ["listWorkflows"] = new(Scopes.TasksRead),
        ["getWorkflow"] = new(Scopes.TasksRead),
        ["watchTask"] = new(Scopes.StateWatch),
        ["watchTasks"] = new(Scopes.StateWatch),
        ["listSharedState"] = new(Scopes.TasksRead),
        ["getSharedState"] = new(Scopes.TasksRead),
        ["setSharedState"] = new(Scopes.TasksSubmit),
        ["deleteSharedState"] = new(Scopes.TasksSubmit),
        // Sums over all tenants.
        ["getStats"] = new(Scopes.AgentsRead, Reach.Installation),
        ["cancelTask"] = new(Scopes.TasksCancel),
        ["pauseTask"] = new(Scopes.TasksCancel),
        ["resumeTask"] = new(Scopes.TasksCancel),
        ["holdTask"] = new(Scopes.TasksCancel),
        ["releaseTask"] = new(Scopes.TasksCancel),
        ["requeueTask"] = new(Scopes.TasksCancel),
        ["retryTask"] = new(Scopes.TasksSubmit),
        ["provideInput"] = new(Scopes.TasksCancel),
        ["amendTask"] = new(Scopes.TasksCancel),
        ["cancelWorkflow"] = new(Scopes.TasksCancel),
        ["cancelTasks"] = new(Scopes.TasksAdmin),
        ["pauseTasks"] = new(Scopes.TasksAdmin),
        ["resumeTasks"] = new(Scopes.TasksAdmin),
        ["holdTasks"] = new(Scopes.TasksAdmin),
        ["releaseTasks"] = new(Scopes.TasksAdmin),
        ["requeueTasks"] = new(Scopes.TasksAdmin),
        ["retryTasks"] = new(Scopes.TasksAdmin),
        // What is in the envelope is judged by the rule of the route that answers it.
        ["sendMessage"] = AccessRule.AnyCaller,
        ["listAgents"] = new(Scopes.AgentsRead, Reach.Installation),
        ["getAgent"] = new(Scopes.AgentsRead, Reach.Installation),
        ["cordonAgent"] = new(Scopes.AgentsAdmin, Reach.Installation),
        ["drainAgent"] = new(Scopes.AgentsAdmin, Reach.Installation),
        ["uncordonAgent"] = new(Scopes.AgentsAdmin, Reach.Installation),
        ["listTaskTypes"] = new(Scopes.AgentsRead),
        ["getTaskType"] = new(Scopes.AgentsRead),
        ["getTaskTypeStats"] = new(Scopes.AgentsRead),
        ["listResources"] = new(Scopes.AgentsRead, Reach.Installation),
        ["listDenials"] = new(Scopes.AgentsRead, Reach.Installation),
        ["listQueue"] = new(Scopes.AgentsRead, Reach.Installation),
        ["readQuota"] = new(Scopes.AgentsRead, Reach.Installation),
        ["listDeadLetters"] = new(Scopes.TasksAdmin, Reach.Installation),
        ["listDeadTasks"] = new(Scopes.TasksRead),
        ["getDeadLetter"] = new(Scopes.TasksAdmin, Reach.Installation),
        ["replayDeadLetter"] = new(Scopes.TasksAdmin, Reach.Installation),
        ["discardDeadLetter"] = new(Scopes.TasksAdmin, Reach.Installation),
        ["replayDeadLetters"] = new(Scopes.TasksAdmin, Reach.Installation),
        ["discardDeadLetters"] = new(Scopes.TasksAdmin, Reach.Installation),
        ["addWebhook"] = new(Scopes.TasksAdmin),
        ["listWebhooks"] = new(Scopes.TasksAdmin),
        ["getWebhook"] = new(Scopes.TasksAdmin),
        ["changeWebhook"] = new(Scopes.TasksAdmin),
        ["removeWebhook"] = new(Scopes.TasksAdmin),
        ["rotateWebhookSecret"] = new(Scopes.TasksAdmin),
        ["testWebhook"] = new(Scopes.TasksAdmin),
        ["listDeliveries"] = new(Scopes.TasksAdmin),
        ["getDelivery"] = new(Scopes.TasksAdmin),
        ["replayDelivery"] = new(Scopes.TasksAdmin),
        ["replayDeliveries"] = new(Scopes.TasksAdmin),
        ["createKey"] = new(Scopes.TasksAdmin),
        ["listKeys"] = new(Scopes.TasksAdmin),
        ["revokeKey"] = new(Scopes.TasksAdmin),
        ["listAudit"] = new(Scopes.AuditRead),
        ["listSchemas"] = AccessRule.Public,
        ["getSchema"] = AccessRule.Public,
        ["getSchemaVersion"] = AccessRule.Public,
        ["listErrors"] = AccessRule.Public,
        ["getProtocol"] = AccessRule.Public,
    };

    // Routes that have no name because they are not in the document.
    private static readonly Dictionary<string, AccessRule> Unnamed = new(StringComparer.Ordinal)
    {
        ["/"] = AccessRule.Public,
        ["/errors"] = AccessRule.Public,
        [CatalogueEndpoints.DocsStyle] = AccessRule.Public,
        ["/health/live"] = AccessRule.Public,
        ["/health/ready"] = AccessRule.Public,
        ["/openapi/{documentName}.json"] = AccessRule.Public,
        ["/metrics"] = new(Scopes.MetricsRead, Reach.Installation),
    };

    /// <summary>The rule of a route by its name; <see cref="Reach.Nobody"/> when it has none.</summary>
    public static AccessRule Of(string name) => Named.GetValueOrDefault(name);

    /// <summary>The rule of a route; <see cref="Reach.Nobody"/> when it has none.</summary>
    public static AccessRule Of(Endpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName is { } name) { return Of(name); }
        return endpoint is RouteEndpoint route
            ? Unnamed.GetValueOrDefault("/" + route.RoutePattern.RawText?.Trim('/'))
            : default;
    }
}
