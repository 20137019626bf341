using A2A.Micro.Contracts.Resources;
using MassTransit;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary><c>resource-manager.placed</c>: the pool tells an allocation that its waiting claim has its place now.</summary>
[MessageUrn("a2a:resource-manager.placed", useDefaultPrefix: false), EntityName("resource-manager.placed")]
public sealed record ClaimPlaced
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Where.</summary>
    public required string AgentId { get; init; }

    /// <summary>How much.</summary>
    public required Quantities Held { get; init; }

    /// <summary>The GPUs among it, by name.</summary>
    public IReadOnlyList<string> GpuIds { get; init; } = [];

    /// <summary>The agent takes offers in company.</summary>
    public bool TakesBulk { get; init; }
}

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
