using MassTransit;

namespace A2A.Micro.Contracts.Agents;

/// <summary>What an operator wants with an agent.</summary>
public enum SteerAction
{
    /// <summary>A word of a newer version of the protocol.</summary>
    Unknown = 0,

    /// <summary>It gets no more work until it is uncordoned; what it has goes on.</summary>
    Cordon,

    /// <summary>The same, and it is shown as <c>draining</c>: it is about to be taken away.</summary>
    Drain,

    /// <summary>It gets work again.</summary>
    Uncordon,
}

/// <summary>
/// <c>agent.steer</c>: an operator says whether an agent gets work; answered with <see cref="AgentSteered"/>. Holds until the next word, over
/// restarts of the agent. Idempotent: the same again changes nothing but the reason.
/// </summary>
[MessageUrn("a2a:agent.steer", useDefaultPrefix: false), EntityName("agent.steer")]
public sealed record SteerAgent
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>What is wanted.</summary>
    public required SteerAction Action { get; init; }

    /// <summary>Why, for whoever looks at the agent; at most 2000 characters.</summary>
    public string? Reason { get; init; }
}

/// <summary>Answer to <see cref="SteerAgent"/>.</summary>
[MessageUrn("a2a:agent.steer.answer", useDefaultPrefix: false), EntityName("agent.steer.answer")]
public sealed record AgentSteered
{
    /// <summary>The agent as it is now; absent when there is none of this id.</summary>
    public AgentView? Agent { get; init; }
}

/// <summary>An operator keeps an agent from getting work.</summary>
public sealed record AgentCordon
{
    /// <summary>It is about to be taken away.</summary>
    public required bool Drains { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset Since { get; init; }
}
