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

    /// <summary>Adds <c>GET /v1/events</c>, <c>GET /v1/tasks/{id}/events</c> and <c>/history</c>.</summary>
    public static void MapEvents(this IEndpointRouteBuilder v1)
    {
        _ = v1.MapGet("/tasks/{taskId}/history", (string taskId, string? after, string? limit, StateReader states, TenantStates history, HttpContext http) =>
                Page(taskId, after, limit, states, history, http.RequestAborted)).WithTags("Tasks").WithName("getTaskHistory")
            .WithSummary("Every change that a task ever had, the oldest first")
            .WithDescription("Up to limit (100, at most 200) changes after the version ?after; next_after is the after of the next page.")
            .Produces<HistoryView>().ProducesErrors(400, 404, 429, 503);
        _ = v1.MapGet("/events", WatchMany).WithTags("Tasks").WithName("watchTasks")
            .WithSummary("The changes of all tasks, or of those that are meant, as one stream")
            .WithDescription(
                "text/event-stream. First up to ?snapshot (100, at most 1000) tasks as they are, the latest changed ones, each as event: task, then event: "
                + "ready; then each task whenever it has changed. The data is a task as in lists; of versions that follow each other quickly the last one is "
                + "said. Narrowed by ?type (several, with prefixes such as data.*), ?status, ?requester, ?agent, ?priority, ?parent_task_id. The id is a place "
                + "among all changes: Last-Event-ID or ?last_event_id goes on there at any Gateway, where what changed shortly before may come once more "
                + "(go by version), and event: reset means that too much has changed meanwhile and everything is said anew.")
            .Produces<TaskView>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesErrors(400, 429, 503);
        _ = v1.MapGet("/tasks/{taskId}/events", Watch).WithTags("Tasks").WithName("watchTask")
            .WithSummary("The changes of a task, as a stream or as a page")
            .WithDescription(
                "text/event-stream (default): first the task (event: task), then every change (event: change, id = version), until it "
                + "has ended. Resumes after Last-Event-ID or ?last_event_id; 204 when there is nothing after it any more. "
                + "With Accept: application/json one page of changes after ?after.")
            .Produces<HistoryView>()
            .AlsoProduces<TaskChange>(StatusCodes.Status200OK, "text/event-stream")
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

    private static IResult WatchMany(
        [AsParameters] FeedQuery query, [FromHeader(Name = "Last-Event-ID")] string? lastEventIdHeader, FeedStreams streams, TimeProvider clock,
        HttpContext http)
    {
        var resume = lastEventIdHeader ?? query.LastEventId;
        return streams.Open(EventFilter.Read(http.Request.Query, clock.GetUtcNow()), resume is null ? null : Number(resume) ?? -1);
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

/// <summary>The parameters of a stream over many tasks; named for the document, read by <see cref="EventFilter"/>.</summary>
public sealed record FeedQuery
{
    /// <summary>Types or prefixes such as data.*, separated by commas.</summary>
    [FromQuery(Name = "type")]
    public string? Type { get; init; }

    /// <summary>States, separated by commas.</summary>
    [FromQuery(Name = "status")]
    public string? Status { get; init; }

    /// <summary>Who asked for the work.</summary>
    [FromQuery(Name = "requester")]
    public string? Requester { get; init; }

    /// <summary>Who has it, or had it last.</summary>
    [FromQuery(Name = "agent")]
    public string? Agent { get; init; }

    /// <summary>1 to 4 or a name.</summary>
    [FromQuery(Name = "priority")]
    public string? Priority { get; init; }

    /// <summary>Whose children.</summary>
    [FromQuery(Name = "parent_task_id")]
    public string? ParentTaskId { get; init; }

    /// <summary>How many tasks to begin with.</summary>
    [FromQuery(Name = "snapshot")]
    public string? Snapshot { get; init; }

    /// <summary>Where the reader was, for who cannot set a header.</summary>
    [FromQuery(Name = "last_event_id")]
    public string? LastEventId { get; init; }
}
