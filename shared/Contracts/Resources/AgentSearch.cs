using MassTransit;

namespace A2A.Micro.Contracts.Resources;

/// <summary>
/// <c>resource.agents.find</c>: which agents could do a task now? Nothing is reserved. A repeat gets the answer of its own moment, and the first
/// answer that the task hears counts.
/// </summary>
[MessageUrn("a2a:resource.agents.find", useDefaultPrefix: false), EntityName("resource.agents.find")]
public sealed record FindAgents
{
    /// <summary>What is asked for, as for one agent; names the task and the attempt.</summary>
    public required AllocateResources Room { get; init; }

    /// <summary>Most agents that are wanted, 1..1000.</summary>
    public required int Most { get; init; }
}

/// <summary><c>resource.agents.found</c>: who could, those that would begin at once first; or why nobody could.</summary>
[MessageUrn("a2a:resource.agents.found", useDefaultPrefix: false), EntityName("resource.agents.found")]
public sealed record AgentsFound
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt that was asked for.</summary>
    public required int Attempt { get; init; }

    /// <summary>The agents; none: see <see cref="Code"/>.</summary>
    public required IReadOnlyList<string> AgentIds { get; init; }

    /// <summary>Without agents: a reason code as in <see cref="ResourcesWaiting"/> or <see cref="ResourcesDenied"/>.</summary>
    public string? Code { get; init; }

    /// <summary>The same for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>Without agents: whether waiting does not help.</summary>
    public bool IsFinal { get; init; }
}
