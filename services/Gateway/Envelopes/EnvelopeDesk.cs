using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway.Envelopes;

/// <summary>Answers requests that come in an envelope, whatever the door: with a result, or with a problem.</summary>
public sealed class EnvelopeDesk(InnerCall inner, StatusReports statuses, ResultReports results)
{
    private const string Acknowledged = "task.control.ack";

    /// <summary>The answer to a request.</summary>
    /// <param name="body">The envelope.</param>
    /// <param name="headers">What the caller prefers: <c>Prefer</c>, <c>Idempotency-Key</c>, <c>If-Match</c>.</param>
    /// <param name="cancellation">The caller has left.</param>
    /// <exception cref="ProtocolException">The envelope cannot be read, or nobody answers what is in it.</exception>
    public async Task<(Envelope Envelope, InnerReply Reply)> Answer(
        JsonElement body, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancellation)
    {
        var envelope = Envelope.Read(body);
        var meant = GuideMessages.Translate(envelope);
        var request = EnvelopeRoutes.Of(meant) ?? new InnerRequest("", "POST", "/v1/messages", meant.Payload)
        {
            Handler = async http => await (await Report(meant, http.RequestAborted).ConfigureAwait(false)).ExecuteAsync(http).ConfigureAwait(false),
        };
        var reply = await inner.Run(request with { Headers = headers }, cancellation).ConfigureAwait(false);
        return (envelope, reply.IsProblem ? reply with { Body = Place(reply.Body, envelope.Place) } : reply);
    }

    private Task<IResult> Report(Envelope envelope, CancellationToken cancellation) => envelope.Type == EnvelopeRoutes.Result
        ? results.Take(envelope.Payload, cancellation)
        : statuses.Take(envelope.Payload, cancellation);

    /// <summary>The answer as a message of the protocol.</summary>
    public static TaskResponse Message(Envelope envelope, InnerReply reply)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(reply);
        return new TaskResponse
        {
            MessageType = reply.IsProblem ? "error"
                : envelope.Type.StartsWith(EnvelopeRoutes.Control, StringComparison.Ordinal) ? Acknowledged
                : "task.response",
            InReplyTo = envelope.Type,
            RequestId = envelope.RequestId,
            Status = reply.Status,
            Payload = reply.IsProblem ? null : reply.Body,
            Error = reply.IsProblem ? reply.Body : null,
        };
    }

    // The route named what is wrong in the payload; the caller sent an envelope.
    private static JsonElement? Place(JsonElement? problem, string place)
    {
        if (place == "#" || problem is not { } given || JsonObject.Create(given) is not { } view || view["errors"] is not JsonArray errors) { return problem; }
        foreach (var error in errors.OfType<JsonObject>())
        {
            var pointer = error["pointer"]!.GetValue<string>();
            if (!pointer.StartsWith("#/query/", StringComparison.Ordinal) && !pointer.StartsWith("#/headers/", StringComparison.Ordinal))
            {
                error["pointer"] = place + pointer[1..];
            }
        }

        return JsonSerializer.SerializeToElement(view, WireJson.Options);
    }
}
