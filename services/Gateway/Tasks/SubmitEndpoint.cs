using System.Diagnostics;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Handing in a task.</summary>
public static class SubmitEndpoint
{
    /// <summary>Adds <c>POST /v1/tasks</c>.</summary>
    public static void MapSubmission(this IEndpointRouteBuilder tasks) =>
        tasks.MapPost("/", Submit).WithName("submitTask").WithSummary("Hand in a task")
            .WithDescription("202 means: stored, never lost, never run for a repeat. With Prefer: wait=N the call holds until the task has ended.")
            .Accepts<SubmitTaskRequest>("application/json")
            .Produces<TaskReceipt>(StatusCodes.Status202Accepted)
            .Produces<TaskView>()
            .ProducesErrors(400, 409, 413, 415, 422, 429, 503);

    private static async Task<IResult> Submit(
        string? wait,
        [FromHeader(Name = "Prefer")] string? prefer,
        [FromHeader(Name = IdempotencyKey.Header)] string? idempotencyKey,
        Submissions submissions,
        StateReader states,
        GatewayMetrics metrics,
        TimeProvider clock,
        IOptions<GatewayOptions> options,
        HttpContext http)
    {
        _ = (prefer, idempotencyKey); // named for the document only; all lines of a header are read below
        var seconds = Preferences.Wait(http, wait);
        var key = IdempotencyKey.Read(http.Request.Headers[IdempotencyKey.Header]);
        var body = await RequestBody.Read(http.Request, options.Value, optional: false, http.RequestAborted).ConfigureAwait(false);
        var now = Milliseconds(clock.GetUtcNow());
        var (task, errors) = SubmissionReader.Read(body!.Value, "task-" + Guid.CreateVersion7(now), now);
        if (task is null) { return Problems.Of(errors); }

        var acceptance = await submissions.Accept(task, BodyHash.Of(body.Value), key, http.RequestAborted).ConfigureAwait(false);
        metrics.Count(acceptance, task.TaskType);
        return acceptance switch
        {
            Acceptance.Taken(var row) => await Answer(row, StatusCodes.Status202Accepted, seconds, states, http).ConfigureAwait(false),
            Acceptance.Repeated(var row) => await Answer(row, StatusCodes.Status200OK, seconds, states, http).ConfigureAwait(false),
            Acceptance.Replayed(var row) => await Answer(Replayed(row, http), StatusCodes.Status200OK, seconds, states, http).ConfigureAwait(false),
            Acceptance.Conflicts(var taskId) => Problems.Of(ErrorKind.Conflict,
                $"The task_id {Problems.Quote(taskId)} belongs to a task with another body.",
                [new FieldError("#/task_id", "choose another id, or send the first body again", ErrorKind.Conflict.Code)]),
            Acceptance.KeyReused => KeyReused(),
            _ => throw new UnreachableException(),
        };
    }

    internal static IResult KeyReused() => Problems.Of(ErrorKind.IdempotencyKeyReused,
        "This Idempotency-Key was used for another body within the last 24 hours.",
        [new FieldError("#/headers/idempotency-key", "choose a new key for a new request", ErrorKind.IdempotencyKeyReused.Code)]);

    private static SubmissionRow Replayed(SubmissionRow row, HttpContext http)
    {
        http.Response.Headers["Idempotency-Replayed"] = "true";
        return row;
    }

    private static async Task<IResult> Answer(SubmissionRow row, int status, int? wait, StateReader states, HttpContext http)
    {
        var links = TaskViews.LinksOf(row.TaskId);
        http.Response.Headers.Location = links.Self;
        http.Response.Headers.Link = $"<{links.Events}>; rel=\"monitor\"";
        if (wait is > 0 && await Ended(row.TaskId, wait.Value, states, http).ConfigureAwait(false) is { } ended)
        {
            return TypedResults.Ok(TaskViews.Of(ended));
        }

        http.Response.Headers.RetryAfter = "1";
        return TypedResults.Json(TaskViews.ReceiptOf(row, Problems.TraceId(http)), statusCode: status);
    }

    private static async Task<Reading?> Ended(string taskId, int seconds, StateReader states, HttpContext http)
    {
        try
        {
            var reading = await states.WaitUntilTerminal(taskId, TimeSpan.FromSeconds(seconds), http.RequestAborted).ConfigureAwait(false);
            return reading?.Document.State.IsTerminal() == true ? reading : null;
        }
        catch (ProtocolException)
        {
            // The task is accepted; that it cannot be watched just now must not look as if it were not.
            return null;
        }
    }

    // What is answered now and what is read back later are the same: the wire has milliseconds.
    internal static DateTimeOffset Milliseconds(DateTimeOffset at) => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerMillisecond), at.Offset);
}
