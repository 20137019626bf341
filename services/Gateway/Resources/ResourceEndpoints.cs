using System.Globalization;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Resources;

/// <summary>Why a task waits, who holds what, and who waits.</summary>
public static class ResourceEndpoints
{
    private const int HoursMax = 720;

    /// <summary>Adds the routes of resources.</summary>
    public static void MapResources(this IEndpointRouteBuilder v1)
    {
        _ = v1.MapGet("/tasks/{taskId}/explain", Explain).WithTags("Tasks").WithName("explainTask")
            .WithSummary("Why a task does not run: every reason with its evidence, its place in the line, when it will start")
            .Produces<TaskExplanationView>().ProducesErrors(404, 503);
        _ = v1.MapGet("/resources", List).WithTags("Resources").WithName("listResources")
            .WithSummary("Agents by kinds of resource: what there is, what is free, and which tasks hold the rest")
            .Produces<ResourceList>().ProducesErrors(503);
        _ = v1.MapGet("/resources/denials", Denials).WithTags("Resources").WithName("listDenials")
            .WithSummary("How many tasks were refused for good in the last hours, and for want of which kind of resource")
            .Produces<DenialHistory>().ProducesErrors(400, 503);
        _ = v1.MapGet("/queue", Queue).WithTags("Resources").WithName("listQueue")
            .WithSummary("The tasks that wait for room, in the order in which they are served, with what orders them and why they wait")
            .Produces<QueueView>().ProducesErrors(400, 503);
        _ = v1.MapGet("/requesters/{requesterId}/quota", Quota).WithTags("Resources").WithName("readQuota")
            .WithSummary("What a requester has now, what is guaranteed to it, and the most it may have, kind by kind")
            .Produces<RequesterQuota>().ProducesErrors(400, 503);
    }

    private static async Task<IResult> Explain(string taskId, StateReader states, Explanations explanations, HttpContext http)
    {
        if (await states.Find(taskId, http.RequestAborted).ConfigureAwait(false) is not { } reading) { return Problems.NoSuchTask(taskId); }
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await explanations.Explain(reading, http.RequestAborted).ConfigureAwait(false));
    }

    private static async Task<IResult> List(ResourceQuestions questions, IOptions<GatewayOptions> options, CancellationToken cancellation) =>
        TypedResults.Ok(await questions.Ask<ListResources, ResourceList>(new ListResources(), options.Value.AnswerTimeout, cancellation)
            .ConfigureAwait(false));

    private static async Task<IResult> Denials(
        string? hours, ResourceQuestions questions, IOptions<GatewayOptions> options, CancellationToken cancellation)
    {
        var back = 24;
        if (hours is not null && !(int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out back) && back is >= 1 and <= HoursMax))
        {
            throw new ProtocolException(
                ErrorKind.Validation, $"hours: 1 to {HoursMax}", [new FieldError("hours", $"1 to {HoursMax}", ErrorKind.Validation.Code)]);
        }

        return TypedResults.Ok(await questions.Ask<ListDenials, DenialHistory>(
            new ListDenials { Hours = back }, options.Value.AnswerTimeout, cancellation).ConfigureAwait(false));
    }

    private static async Task<IResult> Quota(
        string requesterId, ResourceQuestions questions, IOptions<GatewayOptions> options, CancellationToken cancellation)
    {
        if (!TaskRules.IsTaskId(requesterId))
        {
            throw new ProtocolException(ErrorKind.Validation, "the requester's id is 1 to 128 characters from A-Z a-z 0-9 . _ : ~ -");
        }

        return TypedResults.Ok(await questions.Ask<ReadQuota, RequesterQuota>(
            new ReadQuota { RequesterId = requesterId }, options.Value.AnswerTimeout, cancellation).ConfigureAwait(false));
    }

    private static async Task<IResult> Queue(
        string? limit, string? cursor, ResourceQuestions questions, IOptions<GatewayOptions> options, HttpContext http)
    {
        var question = LineQuery.Read(limit, cursor);
        var page = await questions.Ask<ReadLine, WaitingPage>(question, options.Value.AnswerTimeout, http.RequestAborted).ConfigureAwait(false);
        var next = page.Next is { } place ? LineQuery.Print(place) : null;
        Paged.LinkNext(http, next);
        return TypedResults.Ok(new QueueView { Length = page.Length, Tasks = page.Entries, NextCursor = next });
    }
}

/// <summary>One page of the tasks that wait for room.</summary>
public sealed record QueueView : CursorPage
{
    /// <summary>How many wait.</summary>
    public required int Length { get; init; }

    /// <summary>Who waits, in order.</summary>
    public required IReadOnlyList<WaitingEntry> Tasks { get; init; }
}
