using A2A.Micro.Contracts.Tasks;
using MassTransit;

namespace A2A.Micro.AgentSdk.Offers;

/// <summary>The agent's queue of offers. Each is answered at once: a delivery is never held while the work runs.</summary>
internal sealed class OfferInbox(AgentRuntime runtime) : IConsumer<OfferTask>
{
    public Task Consume(ConsumeContext<OfferTask> context) =>
        runtime.Offered(context.Message, context.CancellationToken);
}
