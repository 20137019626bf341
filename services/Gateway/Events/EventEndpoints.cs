using System.Globalization;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace A2A.Micro.Gateway.Events;

/// <summary>The changes of a task: as a stream for who watches, as a page for who looks back.</summary>
public static class EventEndpoints
{
    private const int PageMax = 200;

    /// <summary>Adds <c>GET /v1/tasks/{id}/events</c> and <c>/history</c>.</summary>
    public static void MapEvents(this IEndpointRouteBuilder v1)
    {
        _ = v1.MapGet("/tasks/{taskId}/history", (string taskId, string? after, string? limit, StateReader states, TenantStates history, HttpContext http) =>
                Page(taskId, after, limit, states, history, http.RequestAborted)).WithTags("Tasks").WithName("getTaskHistory")
            .WithSummary("Every change that a task ever had, the oldest first")
            .WithDescription("Up to limit (100, at most 200) changes after the version ?after; next_after is the after of the next page.")
            .Produces<HistoryView>().ProducesErrors(400, 404, 429, 503);
        _ = v1.MapGet("/tasks/{taskId}/events", Watch).WithTags("Tasks").WithName("watchTask")
            .WithSummary("The changes of a task, as a stream or as a page")
            .WithDescription(
                "text/event-stream (default): first the task (event: task), then every change (event: change, id = version), until it "
                + "has ended. Resumes after Last-Event-ID or ?last_event_id; 204 when there is nothing after it any more. "
                + "With Accept: application/json one page of changes after ?after.")
            .Produces<TaskChange>(StatusCodes.Status200OK, "text/event-stream")
            .Produces<HistoryView>()
            .Produces(StatusCodes.Status204NoContent)
            .ProducesErrors(400, 404, 429, 503);
    }

    private static async Task<IResult> Watch(
        string taskId,
        [FromQuery(Name = "last_event_id")] string? lastEventId,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventIdHeader,
        string? after,
        string? limit,
        StateReader states,
        TenantStates history,
        TaskStreams streams,
        HttpContext http)
    {
        http.Response.Headers.Vary = "Accept";
        if (WantsPage(http.Request))
        {
            return await Page(taskId, after, limit, states, history, http.RequestAborted).ConfigureAwait(false);
        }

        if (await states.Find(taskId, http.RequestAborted).ConfigureAwait(false) is not { } reading)
        {
            return Problems.NoSuchTask(taskId);
        }

        var resume = lastEventIdHeader ?? lastEventId;
        var seen = Number(resume);
        if (reading.Document.State.IsTerminal() && seen >= reading.Document.Version) { return TypedResults.NoContent(); }
        return streams.Open(taskId, resume is null ? null : seen ?? -1);
    }

    private static async Task<IResult> Page(
        string taskId, string? after, string? limit, StateReader states, TenantStates history, CancellationToken cancellation)
    {
        var from = after is null ? 0 : Number(after) ?? throw Wrong("after", "a version, 0 or more");
        var most = limit is null ? 100
            : Number(limit) is >= 1 and <= PageMax and { } given ? (int)given
            : throw Wrong("limit", $"1 to {PageMax}");
        if (await states.Find(taskId, cancellation).ConfigureAwait(false) is null) { return Problems.NoSuchTask(taskId); }
        var changes = await history.History(taskId, from, most, cancellation).ConfigureAwait(false);
        return TypedResults.Ok(new HistoryView
        {
            TaskId = taskId,
            Changes = changes,
            NextAfter = changes.Count == most ? changes[^1].Version : null,
        });
    }

    // A browser's EventSource and curl both get the stream; only who names JSON and not the stream gets the page.
    private static bool WantsPage(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return Names("application/json") && !Names("text/event-stream");

        bool Names(string type) => accepted.Any(one => one.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase));
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static ProtocolException Wrong(string name, string detail) =>
        new(ErrorKind.Validation, $"{name}: {detail}", new FieldError("#/query/" + name, detail, ErrorKind.Validation.Code));
}

/// <summary>One page of a task's history, the oldest change first.</summary>
public sealed record HistoryView
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The changes.</summary>
    public required IReadOnlyList<TaskChange> Changes { get; init; }

    /// <summary>Pass it as <c>after</c> for the next page; absent at the end.</summary>
    public long? NextAfter { get; init; }
}
