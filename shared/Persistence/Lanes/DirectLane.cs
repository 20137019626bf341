using A2A.Micro.Persistence.Outbox;
using MassTransit;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>Every message alone: for a transport inside the process, where company saves nothing.</summary>
public sealed class DirectLane(IBus bus) : ILane
{
    /// <inheritdoc />
    public Task Send(Outgoing message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Send(bus, bus, cancellation);
    }
}
