namespace A2A.Micro.Gateway.Tasks;

/// <summary>Addresses of a task, relative to this server.</summary>
public sealed record TaskLinks
{
    /// <summary>The task.</summary>
    public required string Self { get; init; }

    /// <summary>Its changes as a stream.</summary>
    public required string Events { get; init; }

    /// <summary>Its result.</summary>
    public required string Result { get; init; }

    /// <summary>POST here to cancel it.</summary>
    public required string Cancel { get; init; }

    /// <summary>POST here to pause it.</summary>
    public required string Pause { get; init; }

    /// <summary>POST here to go on with it.</summary>
    public required string Resume { get; init; }

    /// <summary>The commands it was given.</summary>
    public required string Commands { get; init; }

    /// <summary>Its partial results.</summary>
    public required string Partials { get; init; }

    /// <summary>It and all that stands below it.</summary>
    public required string Tree { get; init; }
}
