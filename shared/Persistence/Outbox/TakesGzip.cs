namespace A2A.Micro.Persistence.Outbox;

/// <summary>Lies on a send whose receiver said that it reads compressed messages, though its endpoint is none of ours.</summary>
public sealed class TakesGzip
{
    /// <summary>Says so.</summary>
    public static TakesGzip Yes { get; } = new();

    private TakesGzip()
    {
    }
}
