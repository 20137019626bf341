using MassTransit;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary><c>resource-manager.revoked</c>: the pool tells an allocation that its agent is gone.</summary>
[MessageUrn("a2a:resource-manager.revoked", useDefaultPrefix: false), EntityName("resource-manager.revoked")]
public sealed record ClaimRevoked
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The agent that is gone.</summary>
    public required string AgentId { get; init; }

    /// <summary><c>AGENT_SILENT</c>, <c>AGENT_RESTARTED</c> or <c>AGENT_LEFT</c>.</summary>
    public required string Code { get; init; }
}
