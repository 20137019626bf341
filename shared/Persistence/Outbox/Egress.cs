namespace A2A.Micro.Persistence.Outbox;

/// <summary>
/// The one exchange through which somebody may speak; the name of the endpoint that is meant becomes the routing key. Services have none and send to
/// every endpoint directly.
/// </summary>
/// <param name="Exchange">Its name; a direct exchange.</param>
public sealed record Egress(string Exchange)
{
    /// <summary>Its address.</summary>
    public Uri Address { get; } = new($"exchange:{Exchange}?type=direct");
}
