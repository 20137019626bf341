using A2A.Micro.Persistence.Outbox;
using MassTransit;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>Every message alone: for a transport inside the process, where company saves nothing.</summary>
public sealed class DirectLane(IBus bus, Egress? egress = null) : ILane
{
    /// <inheritdoc />
    public Task Send(IReadOnlyList<Outgoing> messages, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(messages);
        // All are started in their order, then awaited together: one confirm's latency instead of their sum.
        return messages.Count == 1
            ? messages[0].Send(bus, bus, cancellation, egress)
            : Task.WhenAll(messages.Select(message => message.Send(bus, bus, cancellation, egress)));
    }
}
