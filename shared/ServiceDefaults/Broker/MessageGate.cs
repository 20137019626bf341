using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Signing;
using MassTransit;
using MassTransit.Middleware.Rescue;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.ServiceDefaults.Broker;

/// <summary>
/// Stands before everything else at an endpoint: nothing of a message is read before its sender and signature are known to be good. What is refused
/// goes to the error queue with its reason, from where the Gateway takes it into the record.
/// </summary>
internal sealed partial class MessageGate(string queue, BrokerIdentity identity, SecurityMetrics metrics, ILogger<MessageGate> log) : IFilter<ReceiveContext>
{
    /// <summary>The gate of a queue; null: it has none.</summary>
    public static Func<string, IFilter<ReceiveContext>?> Over(IBusRegistrationContext context) =>
        context.GetService<BrokerIdentity>() is { } identity
            ? queue => Guards(queue, identity)
                ? new MessageGate(queue, identity, context.GetRequiredService<SecurityMetrics>(), context.GetRequiredService<ILogger<MessageGate>>())
                : null
            : static _ => null;

    /// <summary>Whether messages to this queue pass a gate: those of agents, and those to this agent.</summary>
    public static bool Guards(string queue, BrokerIdentity identity) => identity.AgentId is { } agent
        ? queue == Endpoints.Agent(agent) || queue == Endpoints.AgentControl(agent)
        : Endpoints.HearsAgents(queue);

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        if (!context.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery))
        {
            await next.Send(context).ConfigureAwait(false);
            return;
        }

        var message = new SignedDelivery(
            delivery.Properties.MessageId, queue, context.GetBody(), Header(context, MessageCheck.TextHeader), Header(context, SignatureLine.Header));
        if (Refusal(delivery, message) is not { } reason)
        {
            await next.Send(context).ConfigureAwait(false);
            return;
        }

        var sender = AgentAccount.OwnerOf(delivery.Exchange) ?? delivery.Properties.UserId ?? "unknown";
        metrics.Refused(queue, reason);
        LogRefused(log, reason, queue, sender, delivery.Properties.MessageId, CanonicalText.DigestOf(message.Body.Span));
        // A failure here would be outside of what parks failures, and bring the message back for ever.
        var breach = new SecurityBreachException($"{SecurityBreachException.Word} {reason}: a message of {sender} to {queue}");
        await context.GetPayload<IErrorTransport>().Send(new RescueExceptionReceiveContext(context, breach)).ConfigureAwait(false);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("message-gate");

    private string? Refusal(RabbitMqBasicConsumeContext delivery, SignedDelivery message)
    {
        if (identity.AgentId is not null) { return MessageCheck.Check(message, KeyNames.Platform, identity.Ring, identity.Window, identity.Now).Refusal; }
        // No agent can publish to any exchange but its own way out: what comes from elsewhere is a service's.
        return AgentAccount.OwnerOf(delivery.Exchange) is null && !(delivery.Properties.UserId?.StartsWith("agent.", StringComparison.Ordinal) ?? false)
            ? null
            : IngressRule.Refuses(
                new AgentDelivery(delivery.Exchange, delivery.Properties.UserId, message), identity.Ring, identity.Window, identity.Now,
                identity.AgentMessageBytesMax);
    }

    private static string? Header(ReceiveContext context, string name) => context.TransportHeaders.Get<string>(name);

    [LoggerMessage(1010, LogLevel.Warning, "SECURITY_ERROR {Reason}: a message to {Queue} from {Sender} is refused; id {MessageId}, digest {Digest}")]
    private static partial void LogRefused(ILogger log, string reason, string queue, string sender, string? messageId, string digest);
}
