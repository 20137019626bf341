using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>A task with all that stands below it.</summary>
public static class TreeEndpoint
{
    private const int LimitDefault = 200;

    /// <summary>Adds <c>GET /v1/tasks/{taskId}/tree</c>.</summary>
    public static void MapTree(this IEndpointRouteBuilder tasks) =>
        tasks.MapGet("/{taskId}/tree", Get).WithName("getTaskTree").WithSummary("A task with its children, theirs, and so on")
            .WithDescription("At most limit tasks (200, up to 1000), level by level; counts by state and the progress of the whole. The children of one "
                + "task page by page: GET /v1/tasks?parent_task_id=...")
            .Produces<TaskTreeView>().ProducesErrors(400, 404, 429, 503);

    private static async Task<IResult> Get(string taskId, string? limit, TenantStates queries, StateReader states, HttpContext http)
    {
        var errors = new List<FieldError>();
        var most = ListQuery.Limit(limit, TaskTree.LimitMax, LimitDefault, errors);
        if (errors.Count > 0) { return Problems.Of(errors); }
        if (await states.Find(taskId, http.RequestAborted).ConfigureAwait(false) is not { } reading) { return Problems.NoSuchTask(taskId); }
        http.Response.Headers.CacheControl = "no-cache";
        // Accepted a moment ago, StateSync has not heard of it: then it stands alone.
        var tree = await queries.Tree(taskId, most, http.RequestAborted).ConfigureAwait(false) ?? new TaskTree { Tasks = [reading.Document] };
        return TypedResults.Ok(TreeViews.Of(tree));
    }
}
