using System.Globalization;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace A2A.Micro.Gateway.Shared;

/// <summary>What agents share under the name of a task, for submitters: the same compare and set, with ETags.</summary>
public static class SharedStateEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void MapSharedState(this IEndpointRouteBuilder v1)
    {
        var states = v1.MapGroup("/tasks/{taskId}/state").WithTags("Shared state");
        _ = states.MapGet("/", List).WithName("listSharedState").WithSummary("What agents share under the name of a task")
            .Produces<SharedStatesView>().ProducesErrors(400, 503);
        _ = states.MapGet("/{name}", Get).WithName("getSharedState").WithSummary("One shared value")
            .Produces<SharedState>().Produces(304).ProducesErrors(400, 404, 503);
        _ = states.MapPut("/{name}", Put).WithName("setSharedState").WithSummary("Sets a shared value")
            .WithDescription("The body is the value, at most 64 KiB. If-Match: \"7\" sets it only on version 7, If-None-Match: * only where there is none "
                + "yet; otherwise 412 with the ETag of what there is. With an Idempotency-Key the same again is answered as it was.")
            .Accepts<object>("application/json").Produces<SharedState>().ProducesErrors(400, 412, 413, 415, 503);
        _ = states.MapDelete("/{name}", Delete).WithName("deleteSharedState").WithSummary("Takes a shared value away; its version goes on")
            .Produces(204).ProducesErrors(400, 412, 503);
    }

    private static async Task<IResult> List(string taskId, SharedStates states, CancellationToken cancellation)
    {
        Check(taskId, null);
        return TypedResults.Ok(new SharedStatesView { TaskId = taskId, States = await states.Read(taskId, null, cancellation).ConfigureAwait(false) });
    }

    private static async Task<IResult> Get(string taskId, string name, SharedStates states, HttpContext http)
    {
        Check(taskId, name);
        if (await states.Read(taskId, name, http.RequestAborted).ConfigureAwait(false) is not [var state])
        {
            return Problems.Of(ErrorKind.NotFound, $"The task {Problems.Quote(taskId)} has no shared value {Problems.Quote(name)}.");
        }

        Tag(http, state);
        var held = http.Request.Headers.IfNoneMatch.ToString();
        return held == "*" || held.Contains(TagOf(state), StringComparison.Ordinal)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(state);
    }

    private static async Task<IResult> Put(string taskId, string name, SharedStates states, IOptions<GatewayOptions> options, HttpContext http)
    {
        Check(taskId, name);
        var value = await RequestBody.Read(http.Request, SharedState.ValueBytesMax, RequestBody.Limits(options.Value), optional: false, http.RequestAborted)
            .ConfigureAwait(false);
        return await Change(taskId, name, value, states, http).ConfigureAwait(false) is { Applied: true } done ? TypedResults.Ok(done.State) : Stale(http);
    }

    private static async Task<IResult> Delete(string taskId, string name, SharedStates states, HttpContext http)
    {
        Check(taskId, name);
        return await Change(taskId, name, null, states, http).ConfigureAwait(false) is { Applied: true } ? TypedResults.NoContent() : Stale(http);
    }

    private static async Task<StateUpdated> Change(
        string taskId, string name, System.Text.Json.JsonElement? value, SharedStates states, HttpContext http)
    {
        var key = http.Request.Headers["Idempotency-Key"].ToString();
        var answer = await states.Update(new UpdateState
        {
            TaskId = taskId,
            Name = name,
            UpdateId = key.Length > 0 ? TaskKey.FromName($"state.update\n{taskId}\n{name}\n{key}") : Guid.CreateVersion7(states.Now),
            ExpectedVersion = Expected(http.Request),
            Value = value,
        }, http.RequestAborted).ConfigureAwait(false);
        Tag(http, answer.State);
        return answer.Error is { } error
            ? throw new ProtocolException(ErrorKind.All.FirstOrDefault(kind => kind.Code == error.Code) ?? ErrorKind.Validation, error.Message)
            : answer;
    }

    private static long? Expected(HttpRequest request)
    {
        if (request.Headers.IfNoneMatch.Count > 0)
        {
            return request.Headers.IfNoneMatch.ToString() == "*" ? 0 : throw Unreadable("if-none-match", "*");
        }

        if (request.Headers.IfMatch.Count == 0) { return null; }
        return EntityTagHeaderValue.TryParse(request.Headers.IfMatch.ToString(), out var tag) && !tag.IsWeak
            && long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                ? version
                : throw Unreadable("if-match", "the ETag of the value in quotes, such as \"7\"");
    }

    private static void Check(string taskId, string? name)
    {
        var errors = new List<FieldError>();
        if (!TaskRules.IsTaskId(taskId))
        {
            errors.Add(new FieldError("#/path/task_id", "1 to 128 characters from A-Z a-z 0-9 . _ : ~ -", ErrorKind.Validation.Code));
        }

        if (name is not null && !TaskRules.IsAgentId(name))
        {
            errors.Add(new FieldError("#/path/name", "1 to 64 characters from A-Z a-z 0-9 . _ -", ErrorKind.Validation.Code));
        }

        if (errors.Count > 0) { throw new ProtocolException(ErrorKind.Validation, $"{errors[0].Pointer}: {errors[0].Detail}", [.. errors]); }
    }

    private static IResult Stale(HttpContext http) => Problems.Of(
        ErrorKind.PreconditionFailed, $"The value is at version {http.Response.Headers.ETag}; read it again.");

    private static void Tag(HttpContext http, SharedState state) => http.Response.Headers.ETag = TagOf(state);

    private static string TagOf(SharedState state) => string.Create(CultureInfo.InvariantCulture, $"\"{state.Version}\"");

    private static ProtocolException Unreadable(string header, string wanted) => new(
        ErrorKind.Validation, $"{header} cannot be read.", new FieldError("#/headers/" + header, wanted, ErrorKind.Validation.Code));
}

/// <summary>What agents share under the name of a task.</summary>
public sealed record SharedStatesView
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>By name.</summary>
    public required IReadOnlyList<SharedState> States { get; init; }
}
