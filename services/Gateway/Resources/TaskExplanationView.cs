using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;

namespace A2A.Micro.Gateway.Resources;

/// <summary>Why a task does not run, with the evidence.</summary>
public sealed record TaskExplanationView
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>What kind of work it is.</summary>
    public required string TaskType { get; init; }

    /// <summary>Where it is.</summary>
    public required TaskState State { get; init; }

    /// <summary>What is under way beside the state; absent when nothing is.</summary>
    public TaskPhase? Phase { get; init; }

    /// <summary>Version of the task that this is about.</summary>
    public required long Version { get; init; }

    /// <summary>Every reason that holds, the most telling first; empty only while it runs and when it has ended.</summary>
    public required IReadOnlyList<WaitReason> Reasons { get; init; }

    /// <summary>What stands against it on how many agents; like all that follows only while it stands in the line.</summary>
    public string? Summary { get; init; }

    /// <summary>The same as figures.</summary>
    public IReadOnlyList<AgentTally>? Tally { get; init; }

    /// <summary>Agent by agent, the nearest fit first; at most 50, and none that does other work.</summary>
    public IReadOnlyList<AgentFinding>? Agents { get; init; }

    /// <summary>Its place in the line, from 1.</summary>
    public int? Position { get; init; }

    /// <summary>How many wait.</summary>
    public int? LineLength { get; init; }

    /// <summary>How many of those before it want room that it could have; absent when more stand before it than are looked at.</summary>
    public int? RivalsAhead { get; init; }

    /// <summary>When it joined the line.</summary>
    public DateTimeOffset? EnqueuedAt { get; init; }

    /// <summary>When it will start; absent when history or the fleet does not tell.</summary>
    public StartEstimate? EstimatedStart { get; init; }

    /// <summary>Why there is no estimate, for a person; absent when there is one.</summary>
    public string? NoEstimate { get; init; }

    /// <summary>True when a part of the system did not answer and the task may be further than this says.</summary>
    public bool? Stale { get; init; }

    /// <summary>What the task itself says.</summary>
    public static TaskExplanationView Of(Reading reading)
    {
        var document = reading.Document;
        return new TaskExplanationView
        {
            TaskId = document.TaskId,
            TaskType = document.TaskType,
            State = document.State,
            Phase = document.Phase == TaskPhase.None ? null : document.Phase,
            Version = document.Version,
            Reasons = WaitingReason.Of(document) is { } why ? [new WaitReason { Code = why.Code, Sentence = why.Sentence }] : [],
            Stale = reading.Stale ? true : null,
        };
    }

    /// <summary>With what the ResourceManager says.</summary>
    public TaskExplanationView With(WaitExplanation live) => this with
    {
        Reasons = live.Reasons,
        Summary = live.Summary,
        Tally = live.Tally,
        Agents = live.Agents,
        Position = live.Position,
        LineLength = live.LineLength,
        EnqueuedAt = live.EnqueuedAt,
        RivalsAhead = live.RivalsAhead,
        EstimatedStart = live.EstimatedStart,
        NoEstimate = live.NoEstimate,
    };
}
