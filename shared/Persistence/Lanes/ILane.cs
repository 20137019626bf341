using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>The way of committed messages to the broker, alone or in company.</summary>
public interface ILane
{
    /// <summary>Sends what one commit says, in its order for each endpoint. Ends when the broker has confirmed all of it.</summary>
    Task Send(IReadOnlyList<Outgoing> messages, CancellationToken cancellation);
}
