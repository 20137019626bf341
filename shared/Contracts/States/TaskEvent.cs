using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using MassTransit;

namespace A2A.Micro.Contracts.States;

/// <summary>
/// One version of a task's document as an event for others (requirement 32), in the attributes of CloudEvents 1.0. Its exchange is
/// <c>task.events.default</c> unless an installation maps its kind to another topic. At least once and in no promised order: whoever
/// needs either goes by task and version.
/// </summary>
[MessageUrn("a2a:task.events.default", useDefaultPrefix: false), EntityName("task.events.default")]
public sealed record TaskEvent
{
    /// <summary>The version of CloudEvents, <c>1.0</c>.</summary>
    public string Specversion { get; init; } = "1.0";

    /// <summary>Names the event; the same for the same task and version, however often it comes.</summary>
    public required string Id { get; init; }

    /// <summary>Who says it, <c>/a2a</c>.</summary>
    public string Source { get; init; } = "/a2a";

    /// <summary>What happened, such as <c>a2a.task.completed.v1</c>; see <see cref="TaskEventName"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The task.</summary>
    public required string Subject { get; init; }

    /// <summary>When the version was committed.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Media type of <see cref="Data"/>.</summary>
    public string Datacontenttype { get; init; } = "application/json";

    /// <summary>The version.</summary>
    public required TaskEventData Data { get; init; }
}

/// <summary>What an event says about its task: the change and what it is told apart by. Never parameters, never a result.</summary>
public sealed record TaskEventData
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>What kind of work it is.</summary>
    public required string TaskType { get; init; }

    /// <summary>Version of the document, dense from 1.</summary>
    public required long Version { get; init; }

    /// <summary><c>transition</c>, <c>progress</c> or <c>partial</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>State after the change.</summary>
    public required TaskState State { get; init; }

    /// <summary>Phase after the change.</summary>
    public TaskPhase Phase { get; init; }

    /// <summary>Attempt after the change; 0 before the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>Agent after the change.</summary>
    public string? AgentId { get; init; }

    /// <summary>0..1 of the current attempt.</summary>
    public double Progress { get; init; }

    /// <summary>What the agent is doing.</summary>
    public string? ProgressMessage { get; init; }

    /// <summary>Why: a reason or error code.</summary>
    public string? Code { get; init; }

    /// <summary>Why, for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>Who asked for the task.</summary>
    public string? RequesterAgentId { get; init; }

    /// <summary>The task that it is a part of.</summary>
    public string? ParentTaskId { get; init; }

    /// <summary>The command that caused the change.</summary>
    public string? CommandId { get; init; }

    /// <summary>With a partial result: how much of the whole it is, 0..1.</summary>
    public double? CompletedPortion { get; init; }

    /// <summary>With a partial result: its number within the attempt, from 1; absent: its agent gives none.</summary>
    public int? PartialNumber { get; init; }

    /// <summary>With a partial result of at most 8 KiB: what there is so far. What is larger is read from the task.</summary>
    public JsonElement? Data { get; init; }
}

/// <summary>
/// <c>task.events.wanted</c>: somebody listens to task events from now on. Whoever publishes them and has found nobody listening looks
/// again at once.
/// </summary>
[MessageUrn("a2a:task.events.wanted", useDefaultPrefix: false), EntityName("task.events.wanted")]
public sealed record TaskEventsWanted
{
    /// <summary>Who listens: the name of a queue.</summary>
    public required string Queue { get; init; }
}
