using MassTransit;

namespace A2A.Micro.Contracts.Agents;

/// <summary><c>task_type.list</c>: question to the ResourceManager; answered with <see cref="TaskTypeList"/>.</summary>
[MessageUrn("a2a:task_type.list", useDefaultPrefix: false), EntityName("task_type.list")]
public sealed record ListTaskTypes;

/// <summary>Answer to <see cref="ListTaskTypes"/>.</summary>
[MessageUrn("a2a:task_type.list.answer", useDefaultPrefix: false), EntityName("task_type.list.answer")]
public sealed record TaskTypeList
{
    /// <summary>What is announced, each different announcement of a type once, by type and version.</summary>
    public required IReadOnlyList<AnnouncedType> Types { get; init; }

    /// <summary>
    /// Every agent that counts when it is judged whether a task could ever run, by id: those that are here, and those that were heard of
    /// lately.
    /// </summary>
    public IReadOnlyList<AgentProfile> Agents { get; init; } = [];
}

/// <summary><c>task_type.changed</c>: an agent has announced itself, so the types may be others. A hint: who cares asks.</summary>
[MessageUrn("a2a:task_type.changed", useDefaultPrefix: false), EntityName("task_type.changed")]
public sealed record TaskTypesChanged
{
    /// <summary>Who announced itself.</summary>
    public required string AgentId { get; init; }
}

/// <summary>One announcement of a type, and everybody who makes it.</summary>
public sealed record AnnouncedType
{
    /// <summary>What is announced.</summary>
    public required AgentCapability Capability { get; init; }

    /// <summary>Who announces it, by id.</summary>
    public required IReadOnlyList<TypeAgent> Agents { get; init; }
}

/// <summary>An agent that does a type of work.</summary>
public sealed record TypeAgent
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary><c>online</c>, <c>draining</c> or <c>offline</c>.</summary>
    public required string State { get; init; }

    /// <summary>When it was last heard.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }
}
