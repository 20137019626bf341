using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Catalogue;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>
/// What could not be taken and what did not succeed (requirements 39, 49). Repeating a step is harmless: a letter has one state, and whoever gets a
/// replayed message knows it by its MessageId.
/// </summary>
public static class DeadLetterEndpoints
{
    private static readonly TaskState[] Ended = [TaskState.Failed, TaskState.Rejected, TaskState.Expired];

    /// <summary>Adds the routes.</summary>
    public static void MapDeadLetters(this IEndpointRouteBuilder v1)
    {
        var letters = v1.MapGroup("/dead-letters").WithTags("Dead letters");
        _ = letters.MapGet("/", List).WithName("listDeadLetters").WithSummary("Messages that nobody could take, the last parked first")
            .Produces<DeadLetterPageView>().ProducesErrors(400, 429, 503);
        _ = letters.MapGet("/tasks", Tasks).WithName("listDeadTasks").WithSummary("Tasks that did not succeed, the last one first")
            .WithDescription("failed, rejected and expired, with the filters of GET /v1/tasks. POST /v1/tasks:retry does them again, with rate "
                + "so many a second.")
            .Produces<TaskPageView>().ProducesErrors(400, 429, 503);
        _ = letters.MapGet("/{letterId}", Get).WithName("getDeadLetter").WithSummary("A dead letter with what is in it")
            .Produces<DeadLetterView>().ProducesErrors(404, 429, 503);
        _ = letters.MapPost("/{letterId}/replay", Replay).WithName("replayDeadLetter").WithSummary("Send a dead letter to its queue again")
            .WithDescription("Within a second, under its own MessageId. With message another message takes the place of the one in it.")
            .Accepts<ReplayRequest>(isOptional: true, "application/json", "*/*")
            .Produces<DeadLetterView>(StatusCodes.Status202Accepted).ProducesErrors(400, 404, 409, 413, 415, 429, 503);
        _ = letters.MapPost("/{letterId}/discard", Discard).WithName("discardDeadLetter").WithSummary("Throw a dead letter away")
            .WithDescription("It can be replayed for a week more.")
            .Produces<DeadLetterView>().ProducesErrors(404, 409, 429, 503);
        v1.MapManyLetters();
    }

    private static async Task<IResult> List(
        string? queue, string? state, [FromQuery(Name = "message_type")] string? messageType, [FromQuery(Name = "task_id")] string? taskId,
        string? error, string? limit, string? cursor, IDeadLetterStore store, HttpContext http)
    {
        _ = (queue, state, messageType, taskId, error, limit, cursor); // named for the document; read by the grammar below
        var filter = LetterQuery.Read(name => http.Request.Query.TryGetValue(name, out var value) ? value.ToString() : null);
        var found = await store.List(filter with { Limit = filter.Limit + 1 }, http.RequestAborted).ConfigureAwait(false);
        var page = found.Take(filter.Limit).ToList();
        var next = found.Count > filter.Limit ? LetterQuery.Print(page[^1]) : null;
        Paged.LinkNext(http, next);
        return TypedResults.Ok(new DeadLetterPageView
        {
            Letters = [.. page.Select(DeadLetterView.Of)],
            NextCursor = next,
            Counts =
            [
                .. (await store.Count(http.RequestAborted).ConfigureAwait(false))
                    .OrderBy(count => count.Queue, StringComparer.Ordinal).ThenBy(count => count.State)
                    .Select(count => new LetterCountView { Queue = count.Queue, State = count.State, Count = count.Count }),
            ],
        });
    }

    private static async Task<IResult> Tasks([AsParameters] TaskQuery query, TenantStates states, TimeProvider clock, HttpContext http)
    {
        var filter = ListQuery.Read(query, http.Request.Query, clock.GetUtcNow());
        if (filter.States.Except(Ended).Any())
        {
            throw new ProtocolException(ErrorKind.Validation, "Only tasks that did not succeed are listed here.",
                new FieldError("#/query/status", "failed, rejected, expired", ErrorKind.Validation.Code));
        }

        var page = await states.List(filter.States.Count > 0 ? filter : filter with { States = Ended }, http.RequestAborted).ConfigureAwait(false);
        var next = page.Next is { } place ? ListQuery.Print(place) : null;
        Paged.LinkNext(http, next);
        return TypedResults.Ok(new TaskPageView { Tasks = [.. page.Tasks.Select(TaskViews.Of)], NextCursor = next });
    }

    private static async Task<IResult> Get(string letterId, IDeadLetterStore store, HttpContext http) =>
        await store.Find(letterId, http.RequestAborted).ConfigureAwait(false) is { } letter
            ? TypedResults.Ok(DeadLetterView.WithBody(letter))
            : NoSuchLetter(letterId);

    private static async Task<IResult> Replay(
        string letterId, IDeadLetterStore store, TimeProvider clock, IOptions<GatewayOptions> options, HttpContext http)
    {
        var body = await RequestBody.Read(http.Request, options.Value, optional: true, http.RequestAborted).ConfigureAwait(false);
        if (await store.Find(letterId, http.RequestAborted).ConfigureAwait(false) is not { } letter) { return NoSuchLetter(letterId); }
        var errors = new List<FieldError>();
        var changed = body is { } given ? Edit(letter, given, errors) : null;
        if (errors.Count > 0) { return Problems.Of(errors); }
        var move = new LetterMove(letterId, LetterState.Waiting, clock.GetUtcNow(), changed);
        var moved = await store.Move([move], http.RequestAborted).ConfigureAwait(false);
        letter = await store.Find(letterId, http.RequestAborted).ConfigureAwait(false) ?? letter;
        return moved.Count == 1 || (letter.State == LetterState.Waiting && changed is null)
            ? TypedResults.Accepted("/v1/dead-letters/" + letterId, DeadLetterView.Of(letter))
            : Stuck(letter, "replayed");
    }

    private static async Task<IResult> Discard(string letterId, IDeadLetterStore store, HttpContext http)
    {
        var moved = await store.Move([new LetterMove(letterId, LetterState.Discarded)], http.RequestAborted).ConfigureAwait(false);
        return await store.Find(letterId, http.RequestAborted).ConfigureAwait(false) is not { } letter ? NoSuchLetter(letterId)
            : moved.Count == 1 || letter.State == LetterState.Discarded ? TypedResults.Ok(DeadLetterView.Of(letter))
            : Stuck(letter, "discarded");
    }

    // The message that was edited must be one that the receiver can read: a letter that comes back at once helps nobody.
    private static byte[]? Edit(DeadLetterRow letter, JsonElement body, List<FieldError> errors)
    {
        var fields = new JsonFields(body, "#", errors, "message");
        if (fields.Any("message") is not { } message) { return null; }
        if (DeadLetterRules.WithMessage(letter.Body, message) is not { } changed)
        {
            fields.Wrong("#/message", "what is in this letter is no envelope; hand in a new message instead");
            return null;
        }

        if (letter.MessageType is { } type)
        {
            errors.AddRange(SchemaEndpoints.Check(type, message)
                .Select(error => new FieldError("#/message" + error.Pointer[1..], error.Message, ErrorKind.Validation.Code)));
        }

        return changed;
    }

    private static IResult NoSuchLetter(string letterId) => Problems.Of(ErrorKind.NotFound, $"There is no dead letter {Problems.Quote(letterId)}.");

    private static IResult Stuck(DeadLetterRow letter, string verb) =>
        Problems.Of(ErrorKind.Conflict, $"The letter is {letter.State.Word()} and cannot be {verb}.", state: letter.State.Word());
}
