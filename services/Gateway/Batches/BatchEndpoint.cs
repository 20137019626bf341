using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Batches;

/// <summary>Handing in many tasks at once.</summary>
public static class BatchEndpoint
{
    /// <summary>Adds <c>POST /v1/tasks:batch</c>.</summary>
    public static void MapBatches(this IEndpointRouteBuilder v1) =>
        v1.MapPost("/tasks:batch", Submit).WithTags("Tasks").WithName("submitBatch").WithSummary("Hand in up to 1000 tasks")
            .WithDescription(
                "One commit. Tasks may name each other in their dependencies, in any order. 202: something new was accepted; 200: everything "
                + "was known already or refused, each item says which. An atomic batch (the default) with anything wrong is refused as a whole. "
                + "application/x-ndjson: one task per line, and one item per line in the answer.")
            .Accepts<SubmitBatchRequest>("application/json", BatchBody.Lines)
            .Produces<BatchView>(StatusCodes.Status202Accepted)
            .Produces<BatchView>()
            .AlsoProduces<BatchItemView>(StatusCodes.Status202Accepted, "application/x-ndjson")
            .AlsoProduces<BatchItemView>(StatusCodes.Status200OK, "application/x-ndjson")
            .ProducesErrors(400, 409, 413, 415, 422, 429, 503);

    private static async Task<IResult> Submit(
        string? atomic,
        [FromHeader(Name = IdempotencyKey.Header)] string? idempotencyKey,
        SubmissionIntake intake,
        Submissions submissions,
        Refusals refusals,
        GatewayMetrics metrics,
        TimeProvider clock,
        IOptions<GatewayOptions> options,
        HttpContext http)
    {
        _ = idempotencyKey; // named for the document only; all lines of the header are read below
        var key = IdempotencyKey.Read(http.Request.Headers[IdempotencyKey.Header]);
        var wanted = Flag(atomic);
        var body = await BatchBody.Read(http.Request, options.Value, http.RequestAborted).ConfigureAwait(false);
        var isAtomic = wanted ?? body.Atomic ?? true;
        var now = SubmitEndpoint.Milliseconds(clock.GetUtcNow());
        var items = await intake.Read(
            body.Tasks, i => key is null ? "task-" + Guid.CreateVersion7(now) : BatchReader.MadeId(key, i), now, http.RequestAborted)
            .ConfigureAwait(false);
        items = body.WithBroken(items);
        foreach (var item in items) { refusals.Note(item.Refused); }
        if (isAtomic && items.Any(item => item.Task is null)) { return Problems.Of(BatchItem.Mistakes(items)); }

        var accepted = BatchGraph.DependenciesFirst(items);
        var answer = accepted.Count == 0
            ? BatchAcceptance.Nothing
            : await submissions.AcceptBatch(
                [.. accepted.Select(item => (item.Task!, BodyHash.Of(item.Body)))], key, Hash(items, isAtomic), isAtomic, http.RequestAborted)
                .ConfigureAwait(false);
        if (answer.KeyReused) { return SubmitEndpoint.KeyReused(); }
        var outcomes = accepted.Zip(answer.Items).ToDictionary(pair => pair.First.Index, pair => pair.Second);
        if (answer.Withdrawn)
        {
            return Problems.Of([.. items.Where(item => outcomes[item.Index] is Acceptance.Conflicts).Select(item => Taken(item.Index))]);
        }

        foreach (var item in accepted) { metrics.Count(outcomes[item.Index], item.Task!.TaskType); }
        if (answer.Replayed) { http.Response.Headers["Idempotency-Replayed"] = "true"; }
        return Answer([.. items.Select(item => View(item, outcomes.GetValueOrDefault(item.Index), http))], body.IsLines);
    }

    private static IResult Answer(IReadOnlyList<BatchItemView> items, bool asLines)
    {
        var status = items.Any(item => item.Status == StatusCodes.Status202Accepted)
            ? StatusCodes.Status202Accepted
            : StatusCodes.Status200OK;
        if (asLines) { return new LinesResult(items, status); }
        var accepted = items.Count(item => item.Problem is null);
        return TypedResults.Json(
            new BatchView { Accepted = accepted, Refused = items.Count - accepted, Items = items }, statusCode: status);
    }

    private static BatchItemView View(BatchItem item, Acceptance? outcome, HttpContext http) => outcome switch
    {
        Acceptance.Taken(var row) => Accepted(item, row, StatusCodes.Status202Accepted),
        Acceptance.Repeated(var row) => Accepted(item, row, StatusCodes.Status200OK),
        Acceptance.Conflicts => Refused(item, [Taken(item.Index)], http),
        null => Refused(item, item.Errors, http),
        _ => throw new UnreachableException(),
    };

    private static BatchItemView Accepted(BatchItem item, SubmissionRow row, int status) => new()
    {
        Index = item.Index,
        Name = item.Name,
        Status = status,
        TaskId = row.TaskId,
        CreatedAt = row.CreatedAt,
        Links = TaskViews.LinksOf(row.TaskId),
    };

    private static BatchItemView Refused(BatchItem item, IReadOnlyList<FieldError> errors, HttpContext http)
    {
        var problem = Problems.View(http, errors);
        return new BatchItemView { Index = item.Index, Name = item.Name, Status = problem.Status, Problem = problem };
    }

    private static FieldError Taken(int index) => new(
        BatchItem.PointerOf(index) + "/task_id",
        "this id belongs to a task with another body; choose another id, or send the first body again",
        ErrorKind.Conflict.Code);

    private static byte[] Hash(IReadOnlyList<BatchItem> items, bool atomic) =>
        SHA256.HashData([(byte)(atomic ? 1 : 0), .. items.SelectMany(item => BodyHash.Of(item.Body))]);

    private static bool? Flag(string? text) => text?.ToUpperInvariant() switch
    {
        null => null,
        "TRUE" => true,
        "FALSE" => false,
        _ => throw new ProtocolException(ErrorKind.Validation, "atomic is true or false.",
            new FieldError("#/query/atomic", "true or false", ErrorKind.Validation.Code)),
    };

    /// <summary>One item per line, each written as soon as the one before it has gone.</summary>
    private sealed class LinesResult(IReadOnlyList<BatchItemView> items, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = status;
            response.ContentType = BatchBody.Lines;
            foreach (var item in items)
            {
                await JsonSerializer.SerializeAsync(response.Body, item, WireJson.Options, httpContext.RequestAborted).ConfigureAwait(false);
                await response.Body.WriteAsync("\n"u8.ToArray(), httpContext.RequestAborted).ConfigureAwait(false);
            }
        }
    }
}
