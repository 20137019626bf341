using A2A.Micro.Contracts.Agents;
using MassTransit;

namespace A2A.Micro.Contracts.Resources;

/// <summary><c>resource.explain</c>: question to the ResourceManager why a task waits; answered with <see cref="WaitExplained"/>.</summary>
[MessageUrn("a2a:resource.explain", useDefaultPrefix: false), EntityName("resource.explain")]
public sealed record ExplainWait
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>How long work of some types runs, for the estimate of the start; at most 64 types.</summary>
    public IReadOnlyList<TypeRunTime> RunTimes { get; init; } = [];
}

/// <summary>Answer to <see cref="ExplainWait"/>.</summary>
[MessageUrn("a2a:resource.explain.answer", useDefaultPrefix: false), EntityName("resource.explain.answer")]
public sealed record WaitExplained
{
    /// <summary>Why it waits; absent when no attempt of the task stands in the line.</summary>
    public WaitExplanation? Explanation { get; init; }
}

/// <summary>How long work of a type runs, in seconds.</summary>
public sealed record TypeRunTime
{
    /// <summary>The type.</summary>
    public required string TaskType { get; init; }

    /// <summary>19 of 20 run longer.</summary>
    public required double P05S { get; init; }

    /// <summary>Half run longer.</summary>
    public required double P50S { get; init; }

    /// <summary>One of 20 runs longer.</summary>
    public required double P95S { get; init; }
}

/// <summary>Why a task waits for room, with the evidence.</summary>
public sealed record WaitExplanation
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt that waits.</summary>
    public required int Attempt { get; init; }

    /// <summary>Every reason that holds now, the most telling first; never empty.</summary>
    public required IReadOnlyList<WaitReason> Reasons { get; init; }

    /// <summary>What stands against it on how many agents, for a person: <c>memory short by 4 GiB on 3 agents; 2 draining</c>.</summary>
    public required string Summary { get; init; }

    /// <summary>The same as figures.</summary>
    public required IReadOnlyList<AgentTally> Tally { get; init; }

    /// <summary>Agent by agent, the nearest fit first; at most 50, and none that does other work.</summary>
    public required IReadOnlyList<AgentFinding> Agents { get; init; }

    /// <summary>Its place in the whole line, from 1. Those before it go first where both want the same room.</summary>
    public required int Position { get; init; }

    /// <summary>How many wait.</summary>
    public required int LineLength { get; init; }

    /// <summary>How many of those before it want room that it could have; absent when more stand before it than are looked at.</summary>
    public int? RivalsAhead { get; init; }

    /// <summary>When it joined the line.</summary>
    public required DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>When it will start; absent when history or the fleet does not tell.</summary>
    public StartEstimate? EstimatedStart { get; init; }

    /// <summary>Why there is no estimate, for a person; absent when there is one.</summary>
    public string? NoEstimate { get; init; }

    /// <summary>Types whose run times would make the estimate possible or better; at most 16.</summary>
    public IReadOnlyList<string> RunTimesWanted { get; init; } = [];
}

/// <summary>One reason why a task waits.</summary>
public sealed record WaitReason
{
    /// <summary>A reason code, such as <c>INSUFFICIENT_RESOURCES</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The same for a person.</summary>
    public required string Sentence { get; init; }
}

/// <summary>How many agents cannot take it for the same cause.</summary>
public sealed record AgentTally
{
    /// <summary>The cause: a code of <see cref="AgentFinding"/>.</summary>
    public required string Code { get; init; }

    /// <summary>The kind of resource that is short, where the cause is one.</summary>
    public string? Kind { get; init; }

    /// <summary>The constraint that does not hold, where the cause is a label: <c>zone=eu</c>.</summary>
    public string? Constraint { get; init; }

    /// <summary>How many agents.</summary>
    public required int Agents { get; init; }

    /// <summary>What is missing on the agent that is nearest, in cores, GiB or pieces, where the cause is a resource.</summary>
    public double? Missing { get; init; }
}

/// <summary>Why one agent does not take a task now.</summary>
public sealed record AgentFinding
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>
    /// <c>FITS</c>, <c>RESERVED</c> (room that is kept for a larger task), <c>BUSY</c> (others hold the room), <c>ON_HOLD</c> (too much failed
    /// on it), <c>TOO_SMALL</c>, <c>LABEL</c> (a constraint does not hold), <c>CORDONED</c>,
    /// <c>DRAINING</c>, <c>OFFLINE</c>, <c>REJECTED</c> (it rejected the task), <c>NOT_ASKED</c> (the task is for another agent) or <c>OTHER_TYPE</c>.
    /// </summary>
    public required string Code { get; init; }

    /// <summary>The constraints that do not hold, with <c>LABEL</c>.</summary>
    public IReadOnlyList<string> Unmet { get; init; } = [];

    /// <summary>What is short on it, with <c>BUSY</c> and <c>TOO_SMALL</c>.</summary>
    public IReadOnlyList<ResourceShortage> Short { get; init; } = [];

    /// <summary>Who holds its room, the longest first, with <c>BUSY</c>; at most 10.</summary>
    public IReadOnlyList<RoomHolder> Holders { get; init; } = [];
}

/// <summary>What is missing of one kind, in cores, GiB or pieces.</summary>
public sealed record ResourceShortage
{
    /// <summary><c>slot</c>, <c>cpu</c>, <c>memory</c>, <c>storage</c> or <c>gpu</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What the task asks for.</summary>
    public required double Wanted { get; init; }

    /// <summary>What is free, or, where the agent is too small, what it has.</summary>
    public required double Available { get; init; }

    /// <summary>The difference.</summary>
    public required double Missing { get; init; }
}

/// <summary>An attempt that holds room on an agent.</summary>
public sealed record RoomHolder
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Its attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>What it does; absent for room that was given before types were written down.</summary>
    public string? TaskType { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>What it holds.</summary>
    public required IReadOnlyList<AllocatedResource> Resources { get; init; }
}

/// <summary>When a task will start, as far as history tells.</summary>
public sealed record StartEstimate
{
    /// <summary>If everything before it runs as short as the shortest of 20.</summary>
    public required DateTimeOffset Earliest { get; init; }

    /// <summary>If everything before it runs as long as half of its kind.</summary>
    public required DateTimeOffset Likely { get; init; }

    /// <summary>If everything before it runs as long as the longest of 20.</summary>
    public required DateTimeOffset Latest { get; init; }

    /// <summary>Where it will start in the likely case.</summary>
    public string? AgentId { get; init; }
}
