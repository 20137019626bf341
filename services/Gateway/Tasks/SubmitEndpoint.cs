using System.Diagnostics;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Events;
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
            .WithDescription("202 means: stored, never lost, never run for a repeat. With Prefer: wait=N the call holds until the task has ended; "
                + "with on_timeout=cancel the task is cancelled when it has not ended by then. With dry_run=true nothing is stored: 200 says where and "
                + "about when the task would start, and what would be refused is refused. 422 RESOURCE_UNAVAILABLE: no agent that is known could "
                + "ever run it; on_infeasible: wait keeps it.")
            .Accepts<SubmitTaskRequest>("application/json")
            .Produces<TaskReceipt>(StatusCodes.Status202Accepted)
            .Produces<TaskView>()
            .AlsoProduces<TaskReceipt>()
            .AlsoProduces<TaskPlanView>()
            .ProducesErrors(400, 409, 413, 415, 422, 429, 503);

    private static async Task<IResult> Submit(
        string? wait,
        [FromQuery(Name = "on_timeout")] string? onTimeout,
        [FromQuery(Name = "dry_run")] string? dryRun,
        [FromHeader(Name = "Prefer")] string? prefer,
        [FromHeader(Name = IdempotencyKey.Header)] string? idempotencyKey,
        SubmissionIntake intake,
        RequesterTimeout timeout,
        Submissions submissions,
        StateReader states,
        Watchers watchers,
        Refusals refusals,
        GatewayMetrics metrics,
        TimeProvider clock,
        IOptions<GatewayOptions> options,
        DryRun rehearsal,
        Payloads.Payloads payloads,
        HttpContext http)
    {
        _ = (prefer, idempotencyKey); // named for the document only; all lines of a header are read below
        if (DryRun.IsAskedFor(dryRun)) { return await rehearsal.Answer(http).ConfigureAwait(false); }
        var waiting = new Waiting(Preferences.Wait(http, wait), states, timeout, payloads, http);
        waiting = waiting with { Cancels = RequesterTimeout.Cancels(onTimeout, waiting.Seconds) };
        var key = IdempotencyKey.Read(http.Request.Headers[IdempotencyKey.Header]);
        var body = await RequestBody.Read(http.Request, options.Value, optional: false, http.RequestAborted).ConfigureAwait(false);
        var now = Milliseconds(clock.GetUtcNow());
        var verdict = await intake.Read(body!.Value, "task-" + Guid.CreateVersion7(now), now, http.RequestAborted).ConfigureAwait(false);
        var hash = BodyHash.Of(body.Value);
        if (verdict.Task is not { } task)
        {
            // What was accepted once stays accepted, though its schema, its history or the clock speaks against it by now.
            if (await Earlier(body.Value, hash, submissions, http.RequestAborted).ConfigureAwait(false) is { } known)
            {
                return await Answer(known, StatusCodes.Status200OK, waiting).ConfigureAwait(false);
            }

            refusals.Note(verdict.Refused);
            return Problems.Of(verdict.Errors, verdict.SuggestedDeadline);
        }

        // Before it is accepted: nothing that it does then goes unheard.
        using var watcher = waiting.Seconds is > 0 ? watchers.TryWatch(Tenancy.In(task.TaskId)) : null;
        var acceptance = await submissions.Accept(task, hash, key, http.RequestAborted).ConfigureAwait(false);
        metrics.Count(acceptance, task.TaskType);
        return acceptance switch
        {
            Acceptance.Taken(var row) => await Answer(row, StatusCodes.Status202Accepted, waiting with { Since = watcher }).ConfigureAwait(false),
            Acceptance.Repeated(var row) => await Answer(row, StatusCodes.Status200OK, waiting).ConfigureAwait(false),
            Acceptance.Replayed(var row) => await Answer(Replayed(row, http), StatusCodes.Status200OK, waiting).ConfigureAwait(false),
            Acceptance.Conflicts(var taskId) => Taken(taskId),
            Acceptance.KeyReused => KeyReused(),
            _ => throw new UnreachableException(),
        };
    }

    internal static IResult Taken(string taskId) => Problems.Of(ErrorKind.Conflict,
        $"The task_id {Problems.Quote(taskId)} belongs to a task with another body.",
        [new FieldError("#/task_id", "choose another id, or send the first body again", ErrorKind.Conflict.Code)]);

    internal static IResult KeyReused() => Problems.Of(ErrorKind.IdempotencyKeyReused,
        "This Idempotency-Key was used for another body within the last 24 hours.",
        [new FieldError("#/headers/idempotency-key", "choose a new key for a new request", ErrorKind.IdempotencyKeyReused.Code)]);

    private static SubmissionRow Replayed(SubmissionRow row, HttpContext http)
    {
        http.Response.Headers["Idempotency-Replayed"] = "true";
        return row;
    }

    private static async Task<SubmissionRow?> Earlier(JsonElement body, byte[] hash, Submissions submissions, CancellationToken cancellation) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("task_id", out var id) && id.ValueKind == JsonValueKind.String
        && TaskRules.IsTaskId(id.GetString())
        && await submissions.Find(id.GetString()!, cancellation).ConfigureAwait(false) is { } known && known.BodyHash.AsSpan().SequenceEqual(hash)
            ? known
            : null;

    private static async Task<IResult> Answer(SubmissionRow row, int status, Waiting waiting)
    {
        var (http, links) = (waiting.Http, TaskViews.LinksOf(row.TaskId));
        http.Response.Headers.Location = links.Self;
        http.Response.Headers.Link = $"<{links.Events}>; rel=\"monitor\"";
        var receipt = TaskViews.ReceiptOf(row, Problems.TraceId(http));
        if (waiting.Seconds is > 0 and var seconds)
        {
            if (await Ended(row.TaskId, seconds, waiting).ConfigureAwait(false) is { } ended)
            {
                return TypedResults.Ok(TaskViews.Of(await waiting.Payloads.Whole(ended, http.RequestAborted).ConfigureAwait(false)));
            }

            if (waiting.Cancels)
            {
                var taken = await waiting.Timeout.Cancel(row.TaskId, seconds, http.RequestAborted).ConfigureAwait(false);
                receipt = receipt with { CancelRequested = taken };
            }
        }

        http.Response.Headers.RetryAfter = "1";
        return TypedResults.Json(receipt, statusCode: status);
    }

    private static async Task<Reading?> Ended(string taskId, int seconds, Waiting waiting)
    {
        try
        {
            var (wait, aborted) = (TimeSpan.FromSeconds(seconds), waiting.Http.RequestAborted);
            var reading = await (waiting.Since is { } watcher
                ? waiting.States.WaitUntilTerminal(watcher, wait, isNew: true, aborted)
                : waiting.States.WaitUntilTerminal(taskId, wait, aborted)).ConfigureAwait(false);
            return reading?.Document.State.IsTerminal() == true ? reading : null;
        }
        catch (ProtocolException)
        {
            // The task is accepted; that it cannot be watched just now must not look as if it were not.
            return null;
        }
    }

    private sealed record Waiting(int? Seconds, StateReader States, RequesterTimeout Timeout, Payloads.Payloads Payloads, HttpContext Http)
    {
        public bool Cancels { get; init; }

        /// <summary>There since before the task was accepted; null: it was accepted earlier.</summary>
        public Watcher? Since { get; init; }
    }

    // What is answered now and what is read back later are the same: the wire has milliseconds.
    internal static DateTimeOffset Milliseconds(DateTimeOffset at) => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerMillisecond), at.Offset);
}
