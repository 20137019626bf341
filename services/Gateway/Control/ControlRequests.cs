using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Control;

/// <summary>What every command may carry; the body may be left out.</summary>
public record ControlRequest
{
    /// <summary>Why, for the task's history; at most 2000 characters.</summary>
    public string? Reason { get; init; }

    /// <summary>Names this command, 1..128 characters of <c>[A-Za-z0-9._:~-]</c>; the same id again is the same command.</summary>
    public string? CommandId { get; init; }
}

/// <summary>A pause.</summary>
public sealed record PauseRequest : ControlRequest
{
    /// <summary>True (default): its room is given back and it goes on anywhere. False: it keeps its agent and room.</summary>
    public bool? ReleaseResources { get; init; }

    /// <summary>True: the deadline moves on by the time that the pause lasts. Default: the clock keeps running.</summary>
    public bool? ExtendOnPause { get; init; }
}

/// <summary>A resume.</summary>
public sealed record ResumeRequest : ControlRequest
{
    /// <summary>Where to go on from, at most 64 KiB; absent: the last token. <c>resume_token</c> is the same.</summary>
    public string? Checkpoint { get; init; }
}

/// <summary>An answer to the question of an agent.</summary>
public sealed record InputRequest : ControlRequest
{
    /// <summary>The answer: any JSON, at most 64 KiB.</summary>
    public required JsonElement Input { get; init; }

    /// <summary>Which question it answers; absent: the one that is open.</summary>
    public string? Key { get; init; }
}

/// <summary>A change of a task that waits (RFC 7396). What is absent stays; <c>deadline: null</c> takes the deadline away.</summary>
public sealed record AmendRequest : ControlRequest
{
    /// <summary>1 to 4 or a name; larger is more urgent.</summary>
    public JsonElement? Priority { get; init; }

    /// <summary>RFC 3339 time with an offset.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What the task needs; replaces the whole.</summary>
    public Requirements? Requirements { get; init; }

    /// <summary>Replaces the whole; at most 16 KiB.</summary>
    public JsonElement? Metadata { get; init; }
}

/// <summary>One command to many tasks: those that are named, or those that match.</summary>
public sealed record BulkRequest : ControlRequest
{
    /// <summary>These tasks, at most 1000.</summary>
    public IReadOnlyList<string>? TaskIds { get; init; }

    /// <summary>All tasks that match.</summary>
    public BulkFilter? Filter { get; init; }

    /// <summary>At most so many, 1..1000 (1000).</summary>
    public int? Limit { get; init; }

    /// <summary>So many commands a second, 1..100; absent: all at once.</summary>
    public int? Rate { get; init; }

    /// <summary>Only say which tasks it would be for.</summary>
    public bool? DryRun { get; init; }
}

/// <summary>Which tasks a bulk is for; as in <c>GET /v1/tasks</c>.</summary>
public sealed record BulkFilter
{
    /// <summary>States separated by commas; absent: those in which the command can do something.</summary>
    public string? Status { get; init; }

    /// <summary>A type such as <c>data.analysis</c>, or a prefix such as <c>data.*</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Only what this requester asked for. Besides: agent, priority, correlation_id, metadata.name, and the time ranges of the list.</summary>
    public string? Requester { get; init; }

    /// <summary>Only the children of this task.</summary>
    public string? ParentTaskId { get; init; }
}
