using System.Globalization;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Envelopes;

/// <summary>
/// The protocol's request handler over the bus. Every request gets exactly one answer. The MessageId is the idempotency key of a request that has
/// none: a redelivery is answered again and does nothing twice.
/// </summary>
public sealed class RequestConsumer(EnvelopeDesk desk, IOptions<GatewayOptions> options) : IConsumer<TaskRequest>
{
    private const int WaitMaxS = 20;

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<TaskRequest> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var answer = await Answer(context.Message, context.MessageId, context.CancellationToken).ConfigureAwait(false);
        if (context.ResponseAddress is not null) { await context.RespondAsync(answer).ConfigureAwait(false); }
    }

    private async Task<TaskResponse> Answer(TaskRequest request, Guid? messageId, CancellationToken cancellation)
    {
        try
        {
            // What the bus lets through, such as a name that stands twice, is judged as if it had come over HTTP.
            var body = RequestBody.Parse(
                JsonSerializer.SerializeToUtf8Bytes(request with { IdempotencyKey = null, WaitS = null }, WireJson.Options),
                RequestBody.Limits(options.Value) with { DepthMax = WireJson.MaxDepth + 1 });
            var (envelope, reply) = await desk.Answer(body, Headers(request, messageId), cancellation).ConfigureAwait(false);
            return EnvelopeDesk.Message(envelope, reply);
        }
        catch (Exception e) when (e is ProtocolException or JsonException)
        {
            var (kind, detail, errors) = Problems.Explain(e)!.Value;
            return new TaskResponse
            {
                MessageType = "error",
                InReplyTo = request.MessageType ?? request.Type ?? "",
                RequestId = request.RequestId,
                Status = kind.HttpStatus,
                Error = JsonSerializer.SerializeToElement(
                    Problems.View(new DefaultHttpContext(), new ProtocolException(kind, detail, errors)), WireJson.Options),
            };
        }
    }

    private static List<(string, string)> Headers(TaskRequest request, Guid? messageId)
    {
        var headers = new List<(string, string)>();
        if ((request.IdempotencyKey ?? messageId?.ToString()) is { } key)
        {
            headers.Add((IdempotencyKey.Header, $"\"{key.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
        }

        // A consumer may not work for longer than its limit.
        if (request.WaitS is > 0 and var seconds)
        {
            headers.Add(("Prefer", "wait=" + Math.Min(seconds, WaitMaxS).ToString(CultureInfo.InvariantCulture)));
        }

        return headers;
    }
}

/// <summary>How <see cref="RequestConsumer"/> listens.</summary>
public sealed class RequestConsumerDefinition : ConsumerDefinition<RequestConsumer>
{
    private const int AtOnce = 64;

    /// <summary>Names the endpoint.</summary>
    public RequestConsumerDefinition() => (EndpointName, ConcurrentMessageLimit) = (Endpoints.Requests, AtOnce);

    /// <inheritdoc />
    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<RequestConsumer> consumerConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        endpointConfigurator.PrefetchCount = AtOnce;
        endpointConfigurator.UseA2ARetry();
    }
}
