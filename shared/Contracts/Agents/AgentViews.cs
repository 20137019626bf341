using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using MassTransit;

namespace A2A.Micro.Contracts.Agents;

/// <summary><c>agent.list</c>: question to the ResourceManager; answered with <see cref="AgentList"/>.</summary>
[MessageUrn("a2a:agent.list", useDefaultPrefix: false), EntityName("agent.list")]
public sealed record ListAgents;

/// <summary>Answer to <see cref="ListAgents"/>.</summary>
[MessageUrn("a2a:agent.list.answer", useDefaultPrefix: false), EntityName("agent.list.answer")]
public sealed record AgentList
{
    /// <summary>Every agent that is known, by id.</summary>
    public required IReadOnlyList<AgentView> Agents { get; init; }
}

/// <summary>An agent as others see it.</summary>
public sealed record AgentView
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary><c>online</c>, <c>draining</c>, <c>quarantined</c> or <c>offline</c>.</summary>
    public required string State { get; init; }

    /// <summary>What it can do.</summary>
    public required IReadOnlyList<string> TaskTypes { get; init; }

    /// <summary>What it can hold.</summary>
    public required AgentCapacity Capacity { get; init; }

    /// <summary>What is reserved on it now.</summary>
    public required AgentCapacity Used { get; init; }

    /// <summary>What is left.</summary>
    public AgentCapacity? Free { get; init; }

    /// <summary>Its GPUs, and in whose hands each is; absent when it has none.</summary>
    public IReadOnlyList<DeviceHolder>? Devices { get; init; }

    /// <summary>What it works on.</summary>
    public required IReadOnlyList<RunningAttempt> Tasks { get; init; }

    /// <summary>When it was last heard.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>Version of its program.</summary>
    public string? Version { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>An operator keeps it from getting work; absent otherwise.</summary>
    public AgentCordon? Cordon { get; init; }

    /// <summary>Too many attempts on it failed in a row, and it gets no work for a while; absent otherwise.</summary>
    public AgentHold? Hold { get; init; }

    /// <summary>It came back from a silence during which it lost work: it gets none until then, or until it says that it does nothing.</summary>
    public DateTimeOffset? QuarantinedUntil { get; init; }

    /// <summary>How its last attempts went; absent before the first has ended.</summary>
    public AgentRecord? Record { get; init; }

    /// <summary>A large task waits for its room, which is kept for it; absent otherwise.</summary>
    public AgentReservation? ReservedFor { get; init; }
}

/// <summary>How the attempts of an agent went, of those that ended last in the whole fleet.</summary>
public sealed record AgentRecord
{
    /// <summary>Attempts that ended by themselves.</summary>
    public required int Attempts { get; init; }

    /// <summary>Results among those of which it is known how they ended, 0..1; absent when there are none.</summary>
    public double? SuccessRate { get; init; }

    /// <summary>How long they held their room, in seconds.</summary>
    public DurationFigures? RunS { get; init; }
}

/// <summary>An agent gets no work because too many attempts on it failed in a row. Ends by itself, by a success, and by an uncordon.</summary>
public sealed record AgentHold
{
    /// <summary>Until when.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>The how manieth hold since its last success; each is twice as long as the one before.</summary>
    public required int Count { get; init; }
}

/// <summary>Room of an agent is kept for a task that waits.</summary>
public sealed record AgentReservation
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Its attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>When enough is given back, if nine of ten run times hold; absent when the history does not tell.</summary>
    public DateTimeOffset? StartsAt { get; init; }
}
