using System.Collections.Concurrent;
using MassTransit;

namespace A2A.Micro.Persistence.Outbox;

/// <summary>
/// How a committed message leaves. The token ends the wait and never the publish, and whether it arrived is then unknown. A publish whose connection
/// breaks may never return, whatever its token says; and one that is cancelled while it waits for its turn on a channel gives back a turn that it never
/// had (RabbitMQ.Client 7.1.2), after which two are numbered at once and the channel waits for confirms that do not come.
/// </summary>
internal static class OutgoingSend
{
    private static readonly ConcurrentDictionary<Type, Func<IPublishEndpointProvider, Task<ISendEndpoint>>> PublishEndpoints = new();

    public static async Task Send(this Outgoing outgoing, ISendEndpointProvider senders, IPublishEndpointProvider publishers,
        CancellationToken cancellation, Egress? egress = null)
    {
        var pipe = new Stamp(outgoing, egress);
        if (outgoing.Destination is { } destination)
        {
            var endpoint = await senders.GetSendEndpoint(egress?.Address ?? destination).WaitAsync(cancellation).ConfigureAwait(false);
            await endpoint.Send(outgoing.Message, outgoing.Message.GetType(), pipe, CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(false);
            return;
        }

        var endpointOf = PublishEndpoints.GetOrAdd(outgoing.Message.GetType(), static type =>
            typeof(IPublishEndpointProvider).GetMethod(nameof(IPublishEndpointProvider.GetPublishSendEndpoint))!
                .MakeGenericMethod(type)
                .CreateDelegate<Func<IPublishEndpointProvider, Task<ISendEndpoint>>>());
        var published = await endpointOf(publishers).WaitAsync(cancellation).ConfigureAwait(false);
        await published.Send(outgoing.Message, outgoing.Message.GetType(), pipe, CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(false);
    }

    private sealed class Stamp(Outgoing outgoing, Egress? egress) : IPipe<SendContext>
    {
        public void Probe(ProbeContext context)
        {
        }

        public Task Send(SendContext context)
        {
            context.MessageId = outgoing.Id;
            context.ConversationId = outgoing.ConversationId ?? context.ConversationId;
            context.RequestId = outgoing.RequestId;
            context.ResponseAddress = outgoing.ResponseAddress;
            context.TimeToLive = outgoing.TimeToLive;
            context.Durable = !outgoing.IsPassing;
            if (outgoing.InCompany) { _ = context.GetOrAddPayload(static () => TakesGzip.Yes); }
            if (egress is not null) { context.SetRoutingKey(outgoing.Destination!.AbsolutePath); }
            // An exchange without a queue behind it would take the message, confirm it, and forget it.
            if (outgoing.MustArrive && context is PublishContext transport) { transport.Mandatory = true; }
            return Task.CompletedTask;
        }
    }
}
