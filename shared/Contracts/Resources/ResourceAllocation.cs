using A2A.Micro.Contracts.Tasks;
using MassTransit;

namespace A2A.Micro.Contracts.Resources;

/// <summary>
/// <c>resource.allocate</c> (protocol guide, "Control Messages"): reserve room for one attempt on one agent. Idempotent by (task_id, attempt).
/// </summary>
[MessageUrn("a2a:resource.allocate", useDefaultPrefix: false), EntityName("resource.allocate")]
public sealed record AllocateResources
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt that the room is for.</summary>
    public required int Attempt { get; init; }

    /// <summary>What the agent must be able to do.</summary>
    public required string TaskType { get; init; }

    /// <summary>How much is needed.</summary>
    public required Requirements Requirements { get; init; }

    /// <summary>1..4, larger is more urgent.</summary>
    public required int Priority { get; init; }

    /// <summary>When the task joined the line; with the priority it makes the self-ageing key.</summary>
    public required DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>Breaks ties in the line.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The only agent that may take it.</summary>
    public string? ResponderAgentId { get; init; }

    /// <summary>Agents that rejected this task: never these.</summary>
    public IReadOnlyList<string> ExcludedAgents { get; init; } = [];

    /// <summary>The agent that failed it last: another one if there is one.</summary>
    public string? AvoidAgent { get; init; }

    /// <summary>Labels that its agent must and should have, and what happens when nobody could ever run it; absent: anywhere.</summary>
    public PlacementRule? Placement { get; init; }

    /// <summary>On whose account it goes; absent: together with all others that name nobody.</summary>
    public string? RequesterAgentId { get; init; }

    /// <summary>What a task asks for, for one of its attempts.</summary>
    /// <param name="task">The task as it is asked for now.</param>
    /// <param name="attempt">The attempt that the room is for.</param>
    /// <param name="enqueuedAt">When the task joined the line.</param>
    /// <param name="deadline">Breaks ties in the line.</param>
    public static AllocateResources For(SubmitTask task, int attempt, DateTimeOffset enqueuedAt, DateTimeOffset? deadline) => new()
    {
        TaskId = task.TaskId,
        Attempt = attempt,
        TaskType = task.TaskType,
        Requirements = task.Requirements ?? JustASlot,
        Priority = task.Priority,
        EnqueuedAt = enqueuedAt,
        Deadline = deadline,
        ResponderAgentId = task.ResponderAgentId,
        Placement = task.Placement(),
        RequesterAgentId = task.RequesterAgentId,
    };

    private static readonly Requirements JustASlot = new();
}

/// <summary>
/// <c>resource.preempt</c>: the room of an attempt that may be taken from it is wanted for a more urgent task; it saves its work and asks for room
/// again. Said once for each attempt, and the room is its own until it is given back.
/// </summary>
[MessageUrn("a2a:resource.preempt", useDefaultPrefix: false), EntityName("resource.preempt")]
public sealed record PreemptAttempt
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Its agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>For whom.</summary>
    public required string ForTaskId { get; init; }

    /// <summary>For a person.</summary>
    public required string Reason { get; init; }
}

/// <summary><c>resource.allocated</c>: the room is reserved until it is released or revoked.</summary>
[MessageUrn("a2a:resource.allocated", useDefaultPrefix: false), EntityName("resource.allocated")]
public sealed record ResourcesAllocated
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The agent that was chosen.</summary>
    public required string AgentId { get; init; }

    /// <summary>What is reserved.</summary>
    public required IReadOnlyList<AllocatedResource> Resources { get; init; }

    /// <summary>The devices among it, as the agent announced them; absent when there are none.</summary>
    public IReadOnlyList<string>? GpuIds { get; init; }

    /// <summary>The agent takes offers in company; absent when it does not, or when this is said once more.</summary>
    public bool? TakesBulk { get; init; }
}

/// <summary>One reserved quantity (requirements 26).</summary>
public sealed record AllocatedResource
{
    /// <summary>Names the reservation: <c>agent/kind</c>, or <c>agent/gpu/device</c> for a device.</summary>
    public required string ResourceId { get; init; }

    /// <summary><c>slot</c>, <c>cpu</c>, <c>memory</c>, <c>storage</c> or <c>gpu</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>In the unit of the requirements: cores, GiB, devices.</summary>
    public required double Amount { get; init; }

    /// <summary>The agent that it lies on.</summary>
    public required string Pool { get; init; }

    /// <summary>With <c>gpu</c>: which device, as the agent announced it.</summary>
    public string? DeviceId { get; init; }
}

/// <summary><c>resource.waiting</c>: no room now, and why; the claim stands in the line and hears again when it has its place.</summary>
[MessageUrn("a2a:resource.waiting", useDefaultPrefix: false), EntityName("resource.waiting")]
public sealed record ResourcesWaiting
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>A reason code: <c>NO_AGENT_FOR_TYPE</c>, <c>INSUFFICIENT_RESOURCES</c>, <c>PINNED_AGENT_OFFLINE</c>, ...</summary>
    public required string Code { get; init; }

    /// <summary>What it waits for, for a person.</summary>
    public required string Reason { get; init; }
}

/// <summary><c>resource.denied</c>: it can never fit.</summary>
[MessageUrn("a2a:resource.denied", useDefaultPrefix: false), EntityName("resource.denied")]
public sealed record ResourcesDenied
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>
    /// <c>INFEASIBLE</c>: larger than any agent; <c>NO_AGENT_MATCHES_CONSTRAINTS</c>: no agent has the labels; <c>EXCLUDED</c>: every agent that
    /// could take it rejected it.
    /// </summary>
    public required string Code { get; init; }

    /// <summary>What was missing, for a person.</summary>
    public required string Reason { get; init; }
}

/// <summary><c>resource.revoked</c>: the agent is gone; whatever it still says about this attempt is void.</summary>
[MessageUrn("a2a:resource.revoked", useDefaultPrefix: false), EntityName("resource.revoked")]
public sealed record ResourcesRevoked
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The agent that was lost.</summary>
    public required string AgentId { get; init; }

    /// <summary>Why: <c>AGENT_SILENT</c>, <c>AGENT_RESTARTED</c> or <c>AGENT_LEFT</c>.</summary>
    public required string Code { get; init; }
}

/// <summary><c>resource.release</c>: the attempt needs its room no more, or never will. Idempotent.</summary>
[MessageUrn("a2a:resource.release", useDefaultPrefix: false), EntityName("resource.release")]
public sealed record ReleaseResources
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Only these; absent: all of the attempt.</summary>
    public IReadOnlyList<string>? ResourceIds { get; init; }

    /// <summary>How the attempt ended, where that says something about its agent; absent where it does not, as after a cancellation.</summary>
    public AttemptOutcome? Outcome { get; init; }
}
