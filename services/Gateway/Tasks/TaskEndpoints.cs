using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Estimates;
using A2A.Micro.Gateway.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Reading tasks: one, its result, many.</summary>
public static class TaskEndpoints
{
    /// <summary>Adds the routes of tasks.</summary>
    public static void MapTasks(this IEndpointRouteBuilder v1)
    {
        var tasks = v1.MapGroup("/tasks").WithTags("Tasks");
        tasks.MapSubmission();
        _ = tasks.MapGet("/", List).WithName("listTasks").WithSummary("Tasks, the newest change first")
            .Produces<TaskPageView>().ProducesErrors(400, 503);
        _ = tasks.MapGet("/{taskId}", Get).WithName("getTask").WithSummary("A task now, or once it has ended")
            .Produces<TaskView>().Produces(304).ProducesErrors(400, 404, 429, 503);
        tasks.MapTree();
        _ = tasks.MapGet("/{taskId}/result", GetResult).WithName("getTaskResult").WithSummary("How a task ended")
            .WithDescription("Secrets in the result show as {\"sensitive\": true}; with reveal=true they are opened for who may read them.")
            .Produces<TaskResultView>().Produces<TaskResultView>(202).Produces(304).ProducesErrors(400, 404, 429, 503);
    }

    private static async Task<IResult> Get(
        string taskId, string? wait, [FromHeader(Name = "Prefer")] string? prefer, StateReader states, TypeEstimates estimates,
        Explanations explanations, Payloads.Payloads payloads, HttpContext http)
    {
        _ = prefer; // named for the document only; all lines of the header are read below
        if (await Read(taskId, wait, states, http).ConfigureAwait(false) is not { } reading) { return Problems.NoSuchTask(taskId); }
        if (!reading.Document.State.IsTerminal()) { http.Response.Headers.RetryAfter = "1"; }
        if (Conditions.HoldsAlready(http, reading)) { return TypedResults.StatusCode(StatusCodes.Status304NotModified); }
        var atRisk = await estimates.IsAtRisk(reading.Document, http.RequestAborted).ConfigureAwait(false);
        var waiting = await explanations.Waiting(reading.Document, http.RequestAborted).ConfigureAwait(false);
        var whole = await payloads.Whole(reading, http.RequestAborted).ConfigureAwait(false);
        return TypedResults.Ok(TaskViews.Of(whole) with { AtRisk = atRisk, Waiting = waiting });
    }

    private static async Task<IResult> GetResult(
        string taskId, string? wait, string? reveal, [FromHeader(Name = "Prefer")] string? prefer, StateReader states, Revealing revealing,
        Payloads.Payloads payloads, HttpContext http)
    {
        _ = prefer;
        var opens = Revealing.IsAskedFor(reveal);
        if (await Read(taskId, wait, states, http).ConfigureAwait(false) is not { } reading) { return Problems.NoSuchTask(taskId); }
        if (Conditions.HoldsAlready(http, reading)) { return TypedResults.StatusCode(StatusCodes.Status304NotModified); }
        var whole = await payloads.Whole(reading.Document with { Parameters = null }, http.RequestAborted).ConfigureAwait(false);
        var view = TaskViews.ResultOf(opens ? revealing.Open(whole, http) : whole);
        if (reading.Document.State.IsTerminal()) { return TypedResults.Ok(view); }
        http.Response.Headers.RetryAfter = "1";
        return TypedResults.Accepted(view.Links.Self, view);
    }

    private static async Task<IResult> List(
        [AsParameters] TaskQuery query, TenantStates states, TimeProvider clock, HttpContext http)
    {
        var filter = ListQuery.Read(query, http.Request.Query, clock.GetUtcNow());
        var page = await states.List(filter, http.RequestAborted).ConfigureAwait(false);
        var next = page.Next is { } place ? ListQuery.Print(place) : null;
        Paged.LinkNext(http, next);
        return TypedResults.Ok(new TaskPageView { Tasks = [.. page.Tasks.Select(TaskViews.Of)], NextCursor = next });
    }

    private static Task<Reading?> Read(string taskId, string? wait, StateReader states, HttpContext http) =>
        Preferences.Wait(http, wait) is { } seconds
            ? states.WaitUntilTerminal(taskId, TimeSpan.FromSeconds(seconds), http.RequestAborted)
            : states.Find(taskId, http.RequestAborted);
}
