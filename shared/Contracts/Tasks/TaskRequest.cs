using System.Text.Json;
using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// <c>task.request</c> (protocol guide, "Request-Response Pattern"): any request about tasks, to be answered with <see cref="TaskResponse"/>. For request
/// clients; who needs no answer sends the message itself.
/// </summary>
[MessageUrn("a2a:task.request", useDefaultPrefix: false), EntityName("task.request")]
public sealed record TaskRequest
{
    /// <summary><c>task.submit</c>, <c>task.status</c> or <c>task.control.</c> and a verb.</summary>
    public string? MessageType { get; init; }

    /// <summary>The protocol guide's spelling of <see cref="MessageType"/>.</summary>
    public string? Type { get; init; }

    /// <summary>The sender's name of the request, at most 128 characters; comes back with the answer.</summary>
    public string? RequestId { get; init; }

    /// <summary>The message; an object.</summary>
    public JsonElement? Payload { get; init; }

    /// <summary>Recognises a repeat, 1..255 characters; absent: the MessageId does.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Seconds to wait for the end of a task or the final answer to a command, at most 20; absent: the first answer.</summary>
    public int? WaitS { get; init; }
}

/// <summary><c>task.response</c>: the answer to a request, a result or an error.</summary>
[MessageUrn("a2a:task.response", useDefaultPrefix: false), EntityName("task.response")]
public sealed record TaskResponse
{
    /// <summary><c>task.response</c>, <c>task.control.ack</c> for a command, or <c>error</c>.</summary>
    public required string MessageType { get; init; }

    /// <summary>What was asked.</summary>
    public required string InReplyTo { get; init; }

    /// <summary>The sender's name of the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>The HTTP status that the native route answers with.</summary>
    public required int Status { get; init; }

    /// <summary>What the native route answers.</summary>
    public JsonElement? Payload { get; init; }

    /// <summary>Problem details, when there is no payload.</summary>
    public JsonElement? Error { get; init; }
}
