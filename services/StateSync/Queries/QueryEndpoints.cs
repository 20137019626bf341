using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Identity;
using A2A.Micro.Security.Services;
using A2A.Micro.StateSync.States;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.StateSync.Queries;

/// <summary>
/// <see cref="IStateQueries"/> and <see cref="ITypeStatistics"/> over HTTP, for the Gateway. JSON is the wire's. Services come in with a pass
/// (<see cref="ServicePass"/>); users never do: it knows no callers and no rights.
/// <code>
/// GET /internal/state/tasks/{id}                              200 TaskDocument | 404
/// POST /internal/state/tasks/find  ["id", ...] up to 100      200 TaskDocument[] of those that are known
/// POST /internal/state/tasks/heads ["id", ...] up to 100      the same, without what may be large
/// GET /internal/state/tasks/{id}/history?after=N&amp;limit=M      200 TaskChange[] with versions above N (0), in order, M of 1..1000 (100);
///                                                             [] for an unknown task
/// GET /internal/state/tasks/{id}/partials?after=N&amp;limit=M     the same, of the versions that partial results made
/// GET /internal/state/tasks?state=running&amp;state=queued&amp;type=data.*&amp;requester=x&amp;parent_task_id=p&amp;after_us=T&amp;after_id=I&amp;limit=M
///         &amp;any_type=a&amp;agent=x&amp;priority=3&amp;label=name=value&amp;created_after=.. and created_before, updated_after, updated_before
///                                                             200 TaskPage, M of 1..200 (50); after_us and after_id are the members
///                                                             of TaskPage.next and come together
/// GET /internal/state/tasks/{id}/tree?limit=M                   200 TaskTree, M of 1..1000 (200) | 404
/// GET /internal/state/task-types/{type}                       200 TaskTypeStatistics
/// GET /internal/state/statistics                              200 SystemStatistics
/// GET /internal/state/statistics/tenants                      200 {tenant: tasks that have not ended}
/// </code>
/// A parameter that cannot be read is 400 with a problem document that carries <c>code</c> MSG001.
/// </summary>
public static class QueryEndpoints
{
    /// <summary>Most versions of one answer.</summary>
    public const int HistoryMax = 1000;

    /// <summary>Most documents that are read at once.</summary>
    public const int FindMax = 100;

    /// <summary>Adds the routes.</summary>
    public static void MapStateQueries(this IEndpointRouteBuilder routes)
    {
        var tasks = routes.MapGroup("/internal/state/tasks").ExcludeFromDescription();
        _ = tasks.AddEndpointFilter(InTheNameOfTheTenant);
        _ = tasks.MapGet("/{id}", Find);
        _ = tasks.MapPost("/find", FindMany);
        _ = tasks.MapPost("/heads", Heads);
        _ = tasks.MapGet("/{id}/history", History);
        _ = tasks.MapGet("/{id}/partials", Partials);
        _ = tasks.MapGet("/{id}/tree", Tree);
        _ = tasks.MapGet("", List);
        _ = routes.MapGet("/internal/state/task-types/{type}", Statistics).ExcludeFromDescription();
        _ = routes.MapGet("/internal/state/statistics", async (ISystemStatistics statistics, CancellationToken cancellation) =>
            Json(await statistics.Read(cancellation).ConfigureAwait(false))).ExcludeFromDescription();
        _ = routes.MapGet("/internal/state/statistics/tenants", async (ISystemStatistics statistics, CancellationToken cancellation) =>
            Json(await statistics.OpenByTenant(cancellation).ConfigureAwait(false))).ExcludeFromDescription();
    }

    // The Gateway says for whom it asks, and its pass binds it.
    private static async ValueTask<object?> InTheNameOfTheTenant(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.Request.Headers[ServicePass.TenantHeader].ToString() is { Length: > 0 } tenant)
        {
            if (!TenantNames.IsTenant(tenant)) { return Wrong(ServicePass.TenantHeader, "1 to 40 of a-z 0-9 -"); }
            new Caller("gateway", tenant, Scopes.TasksRead).Enter();
        }

        return await next(context).ConfigureAwait(false);
    }

    private static async Task<IResult> Find(string id, IStateQueries queries, CancellationToken cancellation) =>
        TaskRules.IsTaskName(id) && await queries.Find(id, cancellation).ConfigureAwait(false) is { } document
            ? Json(document)
            : TypedResults.NotFound();

    private static async Task<IResult> FindMany(string[] ids, IStateQueries queries, CancellationToken cancellation) =>
        ids.Length > FindMax
            ? Wrong("body", $"up to {FindMax} ids")
            : Json(await queries.Find([.. ids.Where(TaskRules.IsTaskName)], cancellation).ConfigureAwait(false));

    private static async Task<IResult> Heads(string[] ids, IStateQueries queries, CancellationToken cancellation) =>
        ids.Length > FindMax
            ? Wrong("body", $"up to {FindMax} ids")
            : Json(await queries.Heads([.. ids.Where(TaskRules.IsTaskName)], cancellation).ConfigureAwait(false));

    private static Task<IResult> History(
        string id, IStateQueries queries, CancellationToken cancellation, long after = 0, int limit = 100) =>
        Changes(id, after, limit, () => queries.History(id, after, limit, cancellation));

    private static Task<IResult> Partials(
        string id, IStateQueries queries, CancellationToken cancellation, long after = 0, int limit = 100) =>
        Changes(id, after, limit, () => queries.Partials(id, after, limit, cancellation));

    private static async Task<IResult> Changes(string id, long after, int limit, Func<Task<IReadOnlyList<TaskChange>>> read) =>
        limit is < 1 or > HistoryMax ? Wrong("limit", $"1 to {HistoryMax}")
        : after < 0 ? Wrong("after", "a version, or 0 for all of them")
        : !TaskRules.IsTaskName(id) ? Json<IReadOnlyList<TaskChange>>([])
        : Json(await read().ConfigureAwait(false));

    private static async Task<IResult> Tree(string id, IStateQueries queries, CancellationToken cancellation, int limit = 200) =>
        limit is < 1 or > TaskTree.LimitMax ? Wrong("limit", $"1 to {TaskTree.LimitMax}")
        : TaskRules.IsTaskName(id) && await queries.Tree(id, limit, cancellation).ConfigureAwait(false) is { } tree ? Json(tree)
        : TypedResults.NotFound();

    private static async Task<IResult> Statistics(string type, ITypeStatistics statistics, CancellationToken cancellation) =>
        TaskRules.IsTaskType(type)
            ? Json(await statistics.Of(type, cancellation).ConfigureAwait(false))
            : Wrong("type", "a type such as data.analysis");

    private static async Task<IResult> List(
        [AsParameters] ListQuery query, IStateQueries queries, CancellationToken cancellation)
    {
        var states = new List<TaskState>();
        foreach (var word in query.State ?? [])
        {
            if (!WireWord.TryParse<TaskState>(word, out var state)) { return Wrong("state", "a word such as running"); }
            states.Add(state);
        }

        if (query.Type is { } type && !TypePattern.IsPattern(type))
        {
            return Wrong("type", "a type, or a prefix such as data.*");
        }

        if (query.Requester is { } requester && !TaskRules.IsTaskId(requester))
        {
            return Wrong("requester", "an agent id");
        }

        if (query.ParentTaskId is { } parent && !TaskRules.IsTaskName(parent)) { return Wrong("parent_task_id", "a task id"); }
        if (query.Limit is < 1 or > Paging.LimitMax) { return Wrong("limit", $"1 to {Paging.LimitMax}"); }
        if (query.AfterUs is null != query.AfterId is null || (query.AfterId is { } id && !TaskRules.IsTaskName(id)))
        {
            return Wrong("after_us", "comes together with after_id, both from the last page");
        }

        return Json(await queries.List(new TaskFilter
        {
            Tenant = Caller.Current.Tenant,
            States = states,
            TaskType = query.Type,
            RequesterAgentId = query.Requester,
            ParentTaskId = query.ParentTaskId,
            TaskTypes = query.AnyType ?? [],
            AgentId = query.Agent,
            Priority = query.Priority,
            Labels = query.Label ?? [],
            CreatedAfter = query.CreatedAfter,
            CreatedBefore = query.CreatedBefore,
            UpdatedAfter = query.UpdatedAfter,
            UpdatedBefore = query.UpdatedBefore,
            After = query is { AfterUs: { } at, AfterId: { } last }
                ? new TaskCursor { UpdatedAtUs = at, TaskId = last }
                : null,
            Limit = query.Limit ?? 50,
        }, cancellation).ConfigureAwait(false));
    }

    private static JsonHttpResult<T> Json<T>(T value) => TypedResults.Json(value, StoredJson.Options);

    private static ProblemHttpResult Wrong(string parameter, string expected) => TypedResults.Problem(
        title: ErrorKind.Validation.Title,
        detail: $"{parameter}: {expected}",
        statusCode: ErrorKind.Validation.HttpStatus,
        extensions: [new("code", ErrorKind.Validation.Code)]);
}
