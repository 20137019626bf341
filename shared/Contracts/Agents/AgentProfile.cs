using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Contracts.Agents;

/// <summary>What an agent is, for whoever judges whether a task could ever run.</summary>
public sealed record AgentProfile : IAgentShape
{
    private Quantities? _size;

    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>Types and patterns it handles.</summary>
    public required IReadOnlyList<string> TaskTypes { get; init; }

    /// <summary>What it can hold when it is empty.</summary>
    public required AgentCapacity Capacity { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Version of its program.</summary>
    public string? Version { get; init; }

    IReadOnlyDictionary<string, string> IAgentShape.Labels => Labels ?? AgentLabels.None;

    Quantities IAgentShape.Size => _size ??= Quantities.From(Capacity);
}
