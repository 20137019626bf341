using MassTransit;

namespace A2A.Micro.Contracts.Resources;

/// <summary><c>resource.denials</c>: question to the ResourceManager which claims were denied for good; answered with <see cref="DenialHistory"/>.</summary>
[MessageUrn("a2a:resource.denials", useDefaultPrefix: false), EntityName("resource.denials")]
public sealed record ListDenials
{
    /// <summary>How many hours back, 1..720.</summary>
    public int Hours { get; init; } = 24;
}

/// <summary>Answer to <see cref="ListDenials"/>.</summary>
[MessageUrn("a2a:resource.denials.answer", useDefaultPrefix: false), EntityName("resource.denials.answer")]
public sealed record DenialHistory
{
    /// <summary>From when on, a full hour.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When this was true, by the clock of the store.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How many claims were denied for want of each kind, the most frequent first.</summary>
    public required IReadOnlyList<DenialTotal> Dimensions { get; init; }

    /// <summary>The same hour by hour and type by type, the latest first; at most 1000.</summary>
    public required IReadOnlyList<DenialCount> Denials { get; init; }
}

/// <summary>How many claims were denied for want of one kind.</summary>
public sealed record DenialTotal
{
    /// <summary>The kind, as in requirements; <c>label</c>, <c>agent</c>, or <c>combination</c> where no single agent has everything.</summary>
    public required string Dimension { get; init; }

    /// <summary>How many.</summary>
    public required long Count { get; init; }
}

/// <summary>How many claims of a type were denied in one hour for one cause.</summary>
public sealed record DenialCount
{
    /// <summary>The hour's beginning.</summary>
    public required DateTimeOffset Hour { get; init; }

    /// <summary><c>INFEASIBLE</c>, <c>NO_AGENT_MATCHES_CONSTRAINTS</c> or <c>EXCLUDED</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What was missing, as in <see cref="DenialTotal"/>.</summary>
    public required string Dimension { get; init; }

    /// <summary>The type of the tasks.</summary>
    public required string TaskType { get; init; }

    /// <summary>How many.</summary>
    public required long Count { get; init; }

    /// <summary>When the last one was.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>Whose it was.</summary>
    public required string LastTaskId { get; init; }
}

/// <summary>
/// <c>resource.refused</c>: submissions were refused at the door for what the ResourceManager would have denied for good; it counts them with its own
/// denials. A delivery that is repeated counts twice.
/// </summary>
[MessageUrn("a2a:resource.refused", useDefaultPrefix: false), EntityName("resource.refused")]
public sealed record SubmissionsRefused
{
    /// <summary>The type of the tasks.</summary>
    public required string TaskType { get; init; }

    /// <summary><c>INFEASIBLE</c> or <c>NO_AGENT_MATCHES_CONSTRAINTS</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What was missing, as in <see cref="DenialTotal"/>.</summary>
    public required string Dimension { get; init; }

    /// <summary>How many since the last word; at least 1.</summary>
    public required long Count { get; init; }

    /// <summary>The last of them.</summary>
    public required string LastTaskId { get; init; }
}
