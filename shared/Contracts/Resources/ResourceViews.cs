using A2A.Micro.Contracts.Agents;
using MassTransit;

namespace A2A.Micro.Contracts.Resources;

/// <summary><c>resource.list</c>: question to the ResourceManager who holds what; answered with <see cref="ResourceList"/>.</summary>
[MessageUrn("a2a:resource.list", useDefaultPrefix: false), EntityName("resource.list")]
public sealed record ListResources;

/// <summary>Answer to <see cref="ListResources"/>: agents by kinds of resource, and who holds them.</summary>
[MessageUrn("a2a:resource.list.answer", useDefaultPrefix: false), EntityName("resource.list.answer")]
public sealed record ResourceList
{
    /// <summary>When this was true, by the clock of the store.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Sums over all agents that are online.</summary>
    public required IReadOnlyList<ResourceKind> Totals { get; init; }

    /// <summary>Every agent that is known, by id.</summary>
    public required IReadOnlyList<AgentResources> Agents { get; init; }
}

/// <summary>One agent's row of the matrix.</summary>
public sealed record AgentResources
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary><c>online</c>, <c>draining</c> or <c>offline</c>.</summary>
    public required string State { get; init; }

    /// <summary>When its lease ends if it is not heard again; absent while it is offline.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Kind by kind.</summary>
    public required IReadOnlyList<ResourceKind> Resources { get; init; }

    /// <summary>Its GPUs one by one; absent when it has none.</summary>
    public IReadOnlyList<DeviceHolder>? Devices { get; init; }

    /// <summary>Who holds them, the longest first.</summary>
    public required IReadOnlyList<RoomHolder> Holders { get; init; }
}

/// <summary>One GPU, and in whose hands it is.</summary>
public sealed record DeviceHolder
{
    /// <summary>The device, as its agent announced it.</summary>
    public required string DeviceId { get; init; }

    /// <summary>The task that has it; absent while it is free.</summary>
    public string? TaskId { get; init; }

    /// <summary>The attempt that has it; absent while it is free.</summary>
    public int? Attempt { get; init; }
}

/// <summary>How much there is of one kind, in cores, GiB or pieces.</summary>
public sealed record ResourceKind
{
    /// <summary><c>slot</c>, <c>cpu</c>, <c>memory</c>, <c>storage</c> or <c>gpu</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What there is.</summary>
    public required double Capacity { get; init; }

    /// <summary>What is held.</summary>
    public required double Used { get; init; }

    /// <summary>What is left; 0 on an agent that has become smaller than what runs on it.</summary>
    public required double Free { get; init; }
}

/// <summary><c>resource.line</c>: question to the ResourceManager who waits, in order; answered with <see cref="WaitingPage"/>.</summary>
[MessageUrn("a2a:resource.line", useDefaultPrefix: false), EntityName("resource.line")]
public sealed record ReadLine
{
    /// <summary>The <see cref="WaitingPage.Next"/> of the page before; absent: from the front.</summary>
    public LinePlace? After { get; init; }

    /// <summary>Most entries, 1..200.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>Answer to <see cref="ReadLine"/>.</summary>
[MessageUrn("a2a:resource.line.answer", useDefaultPrefix: false), EntityName("resource.line.answer")]
public sealed record WaitingPage
{
    /// <summary>How many wait.</summary>
    public required int Length { get; init; }

    /// <summary>Who waits, in order.</summary>
    public required IReadOnlyList<WaitingEntry> Entries { get; init; }

    /// <summary>Where the next page begins; absent at the end.</summary>
    public LinePlace? Next { get; init; }
}

/// <summary>A place in the line. Times are microseconds since 1970.</summary>
public sealed record LinePlace
{
    /// <summary>What the line is ordered by.</summary>
    public required long KeyUs { get; init; }

    /// <summary>The deadline; the largest number without one.</summary>
    public required long DeadlineUs { get; init; }

    /// <summary>When it joined.</summary>
    public required long EnqueuedUs { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Its attempt.</summary>
    public required int Attempt { get; init; }
}

/// <summary>One who waits.</summary>
public sealed record WaitingEntry
{
    /// <summary>Its place, from 1.</summary>
    public required int Position { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt that waits.</summary>
    public required int Attempt { get; init; }

    /// <summary>What it does.</summary>
    public required string TaskType { get; init; }

    /// <summary>What it asks for.</summary>
    public required AgentCapacity Wanted { get; init; }

    /// <summary>The only agent that may take it.</summary>
    public string? ResponderAgentId { get; init; }

    /// <summary>When it joined.</summary>
    public required DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>What the line is ordered by: when it joined, earlier by what its priority is worth.</summary>
    public required DateTimeOffset OrderKey { get; init; }

    /// <summary>By how many seconds its priority puts it forward.</summary>
    public required double HeadStartS { get; init; }

    /// <summary>Orders those with the same key.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Why it waits.</summary>
    public required WaitReason Reason { get; init; }
}
