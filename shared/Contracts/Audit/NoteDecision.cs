using MassTransit;

namespace A2A.Micro.Contracts.Audit;

/// <summary>
/// <c>audit.note</c>: a service has decided something against a task or an agent, and it is to stand in the audit. Said in the commit that decides it. A
/// repeat is known by its MessageId and stands there once.
/// </summary>
[MessageUrn("a2a:audit.note", useDefaultPrefix: false), EntityName("audit.note")]
public sealed record NoteDecision
{
    /// <summary>When, by the clock of whoever decided.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who decided: the name of a service.</summary>
    public required string Actor { get; init; }

    /// <summary>What: <c>preemptTask</c>, <c>holdAgent</c>, <c>quarantineAgent</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Against which task; absent: it is about an agent.</summary>
    public string? TaskId { get; init; }

    /// <summary>Against which attempt of it.</summary>
    public int? Attempt { get; init; }

    /// <summary>Against which agent, or on which.</summary>
    public string? AgentId { get; init; }

    /// <summary>Why, for a person.</summary>
    public required string Reason { get; init; }
}
