using MassTransit;

namespace A2A.Micro.Contracts.Agents;

/// <summary>
/// <c>agent.sealing_key</c>: question to the ResourceManager: by which key can this agent be told secrets? Answered with
/// <see cref="SealingKeyTold"/>.
/// </summary>
[MessageUrn("a2a:agent.sealing_key", useDefaultPrefix: false), EntityName("agent.sealing_key")]
public sealed record TellSealingKey
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }
}

/// <summary>Answer to <see cref="TellSealingKey"/>.</summary>
[MessageUrn("a2a:agent.sealing_key.answer", useDefaultPrefix: false), EntityName("agent.sealing_key.answer")]
public sealed record SealingKeyTold
{
    /// <summary>What its latest start announced; absent when it has none, or is not known.</summary>
    public string? SealingKey { get; init; }
}
