using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>The way of a committed message to the broker, alone or in company.</summary>
public interface ILane
{
    /// <summary>Ends when the broker has confirmed it.</summary>
    Task Send(Outgoing message, CancellationToken cancellation);
}
