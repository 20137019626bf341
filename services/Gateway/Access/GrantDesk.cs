using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Security.Encryption;
using A2A.Micro.Security.Grants;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Access;

/// <summary>
/// For whom an agent acts that comes over HTTP. Its own key says who it is, the grant that came with its offer says for which task: it acts for who handed
/// that one in, may do no more than that requester, and sees nothing but the task and what stands below it. When the attempt has ended, so has the grant.
/// </summary>
public sealed class GrantDesk(IServiceProvider services, KeyVault vault, TimeProvider clock)
{
    private const string Prefix = "agent.";

    /// <summary>The agent whose own credential this is, <c>agent.</c> and its id, of the tenant of the installation; null: somebody else's.</summary>
    public static string? AgentOf(Caller bearer)
    {
        ArgumentNullException.ThrowIfNull(bearer);
        return bearer.Tenant == TenantNames.Default && bearer.Subject.StartsWith(Prefix, StringComparison.Ordinal)
            && TaskRules.IsAgentId(bearer.Subject[Prefix.Length..]) ? bearer.Subject[Prefix.Length..] : null;
    }

    /// <summary>Whether it is a matter of grants: an agent comes, or somebody shows one.</summary>
    public static bool Concerns(Caller bearer, HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AgentOf(bearer) is not null || request.Headers.ContainsKey(TaskGrant.Header);
    }

    /// <summary>Whether this request is served to an agent that acts for a task.</summary>
    public static bool IsActing => Caller.Current.Grant is not null;

    /// <summary>As whom the request is served; or why it is not.</summary>
    public async Task<Admission> Admit(HttpContext http, Caller bearer, AccessRule rule)
    {
        ArgumentNullException.ThrowIfNull(http);
        var (now, shown) = (clock.GetUtcNow(), http.Request.Headers[TaskGrant.Header]);
        if (AgentOf(bearer) is not { } agentId) { return No("A grant is shown by the agent that it was given to, beside that agent's own credential."); }
        if (shown.Count == 0) { return No($"An agent acts for a task: send the grant that came with its offer as {TaskGrant.Header}."); }
        if (vault.Masters is not { } masters) { return No("This installation makes no grants: it has no master key."); }
        var (grant, reason) = TaskGrant.Read(masters, shown.Count == 1 ? shown[0] : null, now);
        if (grant is null) { return No($"The grant is not valid here: {reason}."); }
        if (grant.AgentId != agentId) { return No("The grant is not valid here: it was given to another agent."); }
        if (!rule.ByGrant) { return No("An agent that acts for a task has no right for this."); }
        var acting = new Caller(bearer.Subject, TenantNames.TenantOf(grant.TaskId), bearer.Scopes & grant.Scopes & TaskGrant.ScopesMax)
        {
            KeyId = bearer.KeyId,
            Grant = grant,
        };
        // Only in here: what is read is read in the name of that tenant.
        acting.Enter();
        var task = await Find(TenantNames.Outside(grant.TaskId), http.RequestAborted).ConfigureAwait(false) is { Stale: false } reading
            ? reading.Document
            : throw new ProtocolException(ErrorKind.Connection, "It cannot be seen at the moment whether the attempt of this grant goes on; try again.");
        if (Ended(grant, task)) { return No("The grant is not valid here: its attempt has ended."); }
        return http.Request.RouteValues["taskId"] is string id && !await Covers(grant, id, http.RequestAborted).ConfigureAwait(false)
            ? new Admission(acting, ErrorKind.NotFound, $"There is no task {Problems.Quote(id)}.")
            : new Admission(SubjectOf(task) is { } subject ? acting with { Subject = subject } : acting, null, "");
    }

    /// <summary>What is against a task that is handed in with a grant; null: nothing, or the caller acts for itself.</summary>
    /// <param name="task">As the caller says it.</param>
    /// <param name="beside">The ids that are handed in with it.</param>
    /// <param name="cancellation">The caller leaves.</param>
    public async ValueTask<FieldError?> Objection(SubmitTask task, IReadOnlySet<string> beside, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(beside);
        if (Caller.Current.Grant is not { } grant) { return null; }
        var own = TenantNames.Outside(grant.TaskId);
        if (task.ParentTaskId != own) { return Wrong("#/parent_task_id", $"with its grant an agent hands in children of {own} and nothing else"); }
        if (task.RequesterAgentId is { } named && named != grant.AgentId) { return Wrong("#/requester_agent_id", $"it is {grant.AgentId}, or left out"); }
        foreach (var (index, dependency) in task.Dependencies.Index())
        {
            // An id that is handed in beside it may belong to another task already.
            var isNew = beside.Contains(dependency.TaskId) && await Find(dependency.TaskId, cancellation).ConfigureAwait(false) is null;
            if (!isNew && !await Covers(grant, dependency.TaskId, cancellation).ConfigureAwait(false))
            {
                return Wrong($"#/dependencies/{index}", $"with its grant an agent names tasks below {own} only, which are known already");
            }
        }

        return null;
    }

    /// <summary>The same task, handed in by the agent.</summary>
    public static SubmitTask Signed(SubmitTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return Caller.Current.Grant is { } grant ? task with { RequesterAgentId = grant.AgentId } : task;
    }

    /// <summary>
    /// Whether the attempt of a grant is over, as far as is known here. What is known may be behind and is never ahead: an attempt that it does not know yet
    /// has been offered. Pure.
    /// </summary>
    public static bool Ended(TaskGrant grant, TaskDocument task)
    {
        ArgumentNullException.ThrowIfNull(grant);
        ArgumentNullException.ThrowIfNull(task);
        return task.State.IsTerminal() || task.Attempt > grant.Attempt
            || (task.Attempt == grant.Attempt
                && (task.State is TaskState.Blocked or TaskState.Paused || (task.AgentId is { } holder && holder != grant.AgentId)));
    }

    // The task itself, or one below it.
    private async Task<bool> Covers(TaskGrant grant, string taskId, CancellationToken cancellation)
    {
        var own = TenantNames.Outside(grant.TaskId);
        string? id = taskId;
        for (var depth = 0; id is not null && depth <= FamilyRules.DepthMax; depth++)
        {
            if (id == own) { return true; }
            id = (await Find(id, cancellation).ConfigureAwait(false))?.Document.ParentTaskId;
        }

        return false;
    }

    private Task<Reading?> Find(string taskId, CancellationToken cancellation) => services.GetRequiredService<StateReader>().Find(taskId, cancellation);

    private static string? SubjectOf(TaskDocument task) => MetadataRules.OnBehalf(task.Metadata) is { } whose
        && whose.GetProperty(MetadataRules.Subject) is { ValueKind: System.Text.Json.JsonValueKind.String } subject ? subject.GetString() : null;

    private static Admission No(string sentence) => new(null, ErrorKind.Forbidden, sentence);

    private static FieldError Wrong(string pointer, string detail) => new(pointer, detail, ErrorKind.Forbidden.Code);
}

/// <summary>What came of a grant.</summary>
/// <param name="Acting">As whom the request is served; with a refusal, for whom it would have been; null: nobody.</param>
/// <param name="Refusal">Why it is not served; null: it is.</param>
/// <param name="Sentence">For a person.</param>
public readonly record struct Admission(Caller? Acting, ErrorKind? Refusal, string Sentence);
