using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Envelopes;

/// <summary>The protocol's request handler over HTTP: one address for every kind of message.</summary>
public static class EnvelopeEndpoint
{
    private static readonly string[] Passed = ["Prefer", IdempotencyKey.Header, "If-Match"];

    /// <summary>Adds <c>POST /v1/messages</c>.</summary>
    public static void MapMessages(this IEndpointRouteBuilder v1) =>
        v1.MapPost("/messages", Answer).WithTags("Messages").WithName("sendMessage").WithSummary("Any message of the protocol in its envelope")
            .WithDescription("task.submit, task.status, task.result and task.control.* as {message_type, payload}, or flat; TaskMessage, TaskProgress and "
                + "TaskResult are the task guide's spelling of the first three. The answer has the status of the native "
                + "route, and its body as the payload; an error is a problem, as everywhere.")
            .Accepts<MessageRequest>("application/json")
            .Produces<TaskResponse>().Produces<TaskResponse>(StatusCodes.Status202Accepted)
            .ProducesErrors(400, 404, 409, 412, 413, 415, 422, 429, 503);

    private static async Task<IResult> Answer(
        [FromHeader(Name = "Prefer")] string? prefer,
        [FromHeader(Name = IdempotencyKey.Header)] string? idempotencyKey,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        EnvelopeDesk desk,
        IOptions<GatewayOptions> options,
        HttpContext http)
    {
        _ = (prefer, idempotencyKey, ifMatch); // named for the document only; all lines of a header are passed on
        // The payload lies one level deep.
        var limits = RequestBody.Limits(options.Value) with { DepthMax = WireJson.MaxDepth + 1 };
        var body = (await RequestBody.Read(http.Request, options.Value.BodyBytesMax, limits, optional: false, http.RequestAborted)
            .ConfigureAwait(false))!.Value;
        var headers = Passed.Where(http.Request.Headers.ContainsKey).Select(name => (name, http.Request.Headers[name].ToString())).ToList();
        var (envelope, reply) = await desk.Answer(body, headers, http.RequestAborted).ConfigureAwait(false);
        foreach (var (name, value) in reply.Headers) { http.Response.Headers[name] = value; }
        if (!reply.IsProblem) { return TypedResults.Json(EnvelopeDesk.Message(envelope, reply), statusCode: reply.Status); }
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Text(reply.Body!.Value.GetRawText(), Problems.MediaType, statusCode: reply.Status);
    }
}

/// <summary>A message in its envelope.</summary>
public sealed record MessageRequest
{
    /// <summary><c>task.submit</c>, <c>task.status</c>, <c>task.result</c>, or <c>task.control.</c> and a verb. <c>type</c> is another name of it.</summary>
    public required string MessageType { get; init; }

    /// <summary>The caller's name of the request, at most 128 characters; comes back with the answer.</summary>
    public string? RequestId { get; init; }

    /// <summary>The message, as its own route or its schema has it. Left out: the members beside these are the message.</summary>
    public JsonElement? Payload { get; init; }
}
