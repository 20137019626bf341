using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>What a submitter may send. Read by <see cref="SubmissionReader"/>, which names every wrong field at once.</summary>
public sealed record SubmitTaskRequest
{
    /// <summary>1..128 characters of <c>[A-Za-z0-9._:~-]</c>, unique for ever; absent: the server makes one.</summary>
    public string? TaskId { get; init; }

    /// <summary>Dotted name such as <c>data.analysis</c>. Required, under this name or under <c>type</c>.</summary>
    public string? TaskType { get; init; }

    /// <summary>Another name of <c>task_type</c>.</summary>
    public string? Type { get; init; }

    /// <summary>0 to 4 or a name: low, medium, high, critical. Larger is more urgent; 0 or absent is medium.</summary>
    public JsonElement? Priority { get; init; }

    /// <summary>RFC 3339 time with an offset by which the work must be finished.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>
    /// Instead of a deadline: seconds from when it may start (what it depends on is done, its time has come) to the deadline; a second to a year.
    /// </summary>
    public double? TimeoutS { get; init; }

    /// <summary>What the task needs while it runs.</summary>
    public Requirements? Requirements { get; init; }

    /// <summary>What labels its agent must have, such as <c>{"label": "zone", "op": "eq", "value": "eu"}</c>; all must hold, at most 64.</summary>
    public IReadOnlyList<LabelConstraint>? Constraints { get; init; }

    /// <summary>What labels its agent should have, each with a weight of 1 to 100; none excludes an agent. At most 64.</summary>
    public IReadOnlyList<LabelPreference>? Preferences { get; init; }

    /// <summary>
    /// Which of the agents that are equally preferred: <c>spread</c> (the emptiest) or <c>pack</c> (the fullest). By default a task that asks for more
    /// than a slot is packed, and one that asks for a slot alone is spread.
    /// </summary>
    public PlacementStrategy? Strategy { get; init; }

    /// <summary>
    /// When no agent that is known could ever run it: <c>reject</c> (422 <c>RESOURCE_UNAVAILABLE</c>, the default) or <c>wait</c> for other
    /// agents.
    /// </summary>
    public OnInfeasible? OnInfeasible { get; init; }

    /// <summary>
    /// Whether a more urgent task may have its room: it saves a checkpoint, stands in the line again, and goes on from there. At most three times.
    /// </summary>
    public bool? Preemptible { get; init; }

    /// <summary>RFC 3339 time with an offset before which it does not start.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Tasks that must have come to something first; at most 100. They may be submitted later than this one.</summary>
    public IReadOnlyList<Dependency>? Dependencies { get; init; }

    /// <summary>An object that comes back unchanged; names that begin with <c>a2a.</c> are reserved. At most 16 KiB.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>What the agent works on: any JSON, at most 4 MiB unless the operator says otherwise; more than 256 KiB travel by reference.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>
    /// JSON pointers into the parameters that hold secrets, such as <c>/api_key</c>; <c>*</c> stands for every entry. They are sealed before the task is
    /// stored and opened by the agent that does it. At most 64.
    /// </summary>
    public IReadOnlyList<string>? Sensitive { get; init; }

    /// <summary>JSON pointers into the result that its agent seals. At most 64.</summary>
    public IReadOnlyList<string>? SensitiveResults { get; init; }

    /// <summary>Who asks.</summary>
    public string? RequesterAgentId { get; init; }

    /// <summary>The only agent that may do it.</summary>
    public string? ResponderAgentId { get; init; }

    /// <summary>
    /// How the agent is found: <c>routed</c> (default) or <c>direct</c> (default with <c>responder_agent_id</c>); or how many do it:
    /// <c>broadcast</c> (every agent) or <c>competitive</c> (several at the same time, the first that succeeds wins).
    /// </summary>
    public TaskMode? Mode { get; init; }

    /// <summary>With <c>broadcast</c> (1 to 100) and <c>competitive</c> (1 to 16): the agents that do it; absent: those that can now.</summary>
    public IReadOnlyList<string>? Agents { get; init; }

    /// <summary>
    /// With <c>broadcast</c>, when it is done: <c>all</c> agents have succeeded (default), <c>any</c> has, or a <c>quorum</c> (default with
    /// <c>quorum</c>).
    /// </summary>
    public GroupCompletion? Completion { get; init; }

    /// <summary>With <c>broadcast</c>: how many agents must succeed, 1 to 100.</summary>
    public int? Quorum { get; init; }

    /// <summary>With <c>competitive</c>: how many agents get it at the same time, 2 to 16; absent: 2, or all <c>agents</c>.</summary>
    public int? Competitors { get; init; }

    /// <summary>What happens after a failed attempt.</summary>
    public RetryRule? Retry { get; init; }

    /// <summary>The task that this one is a part of; in a batch also its <c>name</c>. It is cancelled when that one ends without a result.</summary>
    public string? ParentTaskId { get; init; }

    /// <summary>
    /// With <c>parent_task_id</c>: <c>cancel_on_failure</c> (default: it is cancelled when its parent ends without a result), <c>cancel</c> (however its
    /// parent ends) or <c>continue</c> (it goes on in any case).
    /// </summary>
    public ParentEnd? OnParentEnd { get; init; }

    /// <summary>The caller's own time of creation; kept as metadata <c>a2a.client_created_at</c>, the server's clock counts.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Version of this message: <c>1.0</c>.</summary>
    public string? SchemaVersion { get; init; }
}

/// <summary>What a cancel may carry; the body may be left out.</summary>
public sealed record CancelTaskRequest
{
    /// <summary>Why, for the task's history; at most 2000 characters.</summary>
    public string? Reason { get; init; }

    /// <summary>True (default): its children go with it, but for those that <c>continue</c>. False: all go on.</summary>
    public bool? Cascade { get; init; }

    /// <summary>Names this command, 1..128 characters of <c>[A-Za-z0-9._:~-]</c>; the same id again is the same command.</summary>
    public string? CommandId { get; init; }
}
