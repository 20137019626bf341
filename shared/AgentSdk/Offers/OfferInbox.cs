using System.Diagnostics;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using MassTransit;

namespace A2A.Micro.AgentSdk.Offers;

/// <summary>
/// The agent's queue of offers, alone or in company. Each is answered at once: a delivery is never held while the work runs. Idempotent by
/// (task, attempt).
/// </summary>
internal sealed class OfferInbox(AgentRuntime runtime) : IConsumer<OfferTask>, IConsumer<Bulk>
{
    private static readonly string Urn = MessageTypes.NameOf(typeof(OfferTask));

    public Task Consume(ConsumeContext<OfferTask> context) =>
        runtime.Offered(context.Message, context.CancellationToken);

    // One that cannot be read fails the delivery, so that it is parked with the reason, but only after the others have been answered.
    public Task Consume(ConsumeContext<Bulk> context) =>
        Task.WhenAll(context.Message.Entries.Select(entry => Take(entry, context.CancellationToken)));

    private async Task Take(BulkEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Urn != Urn) { throw new JsonException($"{entry.Urn} is no offer"); }
        var offer = entry.Body.Deserialize<OfferTask>(WireJson.Options) ?? throw new JsonException("an offer is an object");
        using var span = ActivityContext.TryParse(entry.TraceParent, null, isRemote: true, out var origin)
            ? AgentTelemetry.Source.StartActivity("a2a.offer", ActivityKind.Consumer, origin)
            : null;
        await runtime.Offered(offer, cancellationToken);
    }
}
