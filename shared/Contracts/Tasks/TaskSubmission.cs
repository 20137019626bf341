using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary><c>task.submit</c> (protocol guide, "Task Messages"): ask for one unit of work to be done.</summary>
[MessageUrn("a2a:task.submit", useDefaultPrefix: false), EntityName("task.submit")]
public sealed record SubmitTask
{
    /// <summary>1..128 characters of <c>[A-Za-z0-9._:~-]</c>, unique for ever (requirements R1).</summary>
    public required string TaskId { get; init; }

    /// <summary>Dotted name such as <c>data.analysis</c>; underscore names are legal literals (R14).</summary>
    public string TaskType { get; init; } = "";

    /// <summary>The protocol guide's spelling of <see cref="TaskType"/>; read, never written (R2).</summary>
    public string? Type { get; init; }

    /// <summary>1 low .. 4 critical, larger is more urgent; 0 counts as medium (R3).</summary>
    public int Priority { get; init; }

    /// <summary>Must be finished by then; absent: the default of the task type (R6).</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>
    /// Instead of a deadline: seconds from when it may start, 1..31536000. What it waits for before (tasks, its time, a parent) takes nothing off it.
    /// </summary>
    public double? TimeoutS { get; init; }

    /// <summary>What it needs while it runs; absent: the default profile.</summary>
    public Requirements? Requirements { get; init; }

    /// <summary>What labels its agent must have; all must hold, at most 64.</summary>
    public IReadOnlyList<LabelConstraint>? Constraints { get; init; }

    /// <summary>What labels its agent should have; none excludes an agent, at most 64.</summary>
    public IReadOnlyList<LabelPreference>? Preferences { get; init; }

    /// <summary>Which of the agents that are equally preferred; absent: packed if it asks for more than a slot, otherwise spread.</summary>
    public PlacementStrategy? Strategy { get; init; }

    /// <summary>What happens when no agent that is known could ever run it; absent: <c>reject</c>.</summary>
    public OnInfeasible? OnInfeasible { get; init; }

    /// <summary>It may be paused for a more urgent task, and goes on from its last checkpoint when there is room again; absent: it may not.</summary>
    public bool? Preemptible { get; init; }

    /// <summary>It does not start before this; absent: as soon as it can.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>What must have come to something before it may start; at most 100.</summary>
    public IReadOnlyList<Dependency> Dependencies { get; init; } = [];

    /// <summary>Free context that comes back unchanged; behaviour never depends on it (R10).</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>What the agent works on; any JSON, round-trips unchanged.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>
    /// JSON pointers into the parameters that hold secrets, such as <c>/api_key</c>; with those that the task type marks. What is there is sealed
    /// before the task is stored.
    /// </summary>
    public IReadOnlyList<string>? Sensitive { get; init; }

    /// <summary>JSON pointers into the result that are sealed before it leaves the agent; with those that the result schema of the type marks.</summary>
    public IReadOnlyList<string>? SensitiveResults { get; init; }

    /// <summary>The key of its secrets, sealed; set by the Gateway. Absent: it has none.</summary>
    public TaskSeal? Seal { get; init; }

    /// <summary>Who asked.</summary>
    public string? RequesterAgentId { get; init; }

    /// <summary>The only agent that may do it; absent: routed by type.</summary>
    public string? ResponderAgentId { get; init; }

    /// <summary>How the agent is found (R12); absent: direct with a responder, else routed.</summary>
    public TaskMode? Mode { get; init; }

    /// <summary>With <c>broadcast</c> and <c>competitive</c>: the agents that do it; absent: those that can now.</summary>
    public IReadOnlyList<string>? Agents { get; init; }

    /// <summary>With <c>broadcast</c>: when it is done; absent: <c>all</c>, or <c>quorum</c> where there is one.</summary>
    public GroupCompletion? Completion { get; init; }

    /// <summary>With <c>broadcast</c>: how many agents must succeed, 1..100.</summary>
    public int? Quorum { get; init; }

    /// <summary>With <c>competitive</c>: how many agents get it at the same time, 2..16; absent: 2, or all <see cref="Agents"/>.</summary>
    public int? Competitors { get; init; }

    /// <summary>
    /// It is one agent's part of its parent, which is a group and hears how it goes; set by the Scheduler. Absent: a task of its own.
    /// </summary>
    public bool? AsMember { get; init; }

    /// <summary>What happens after a failed attempt; absent: the defaults.</summary>
    public RetryRule? Retry { get; init; }

    /// <summary>The task that this one is a part of; it must not have ended, and may be submitted later (requirement 81).</summary>
    public string? ParentTaskId { get; init; }

    /// <summary>What becomes of it when its parent ends; absent: it goes on after <c>completed</c>, and is cancelled otherwise.</summary>
    public ParentEnd? OnParentEnd { get; init; }

    /// <summary>The task that this one does again; set by <c>retry</c>.</summary>
    public string? ReplayOf { get; init; }

    /// <summary>Where the first attempt goes on from, at most 64 KiB; set by <c>resume</c> of a failed task (R13).</summary>
    public string? ResumeToken { get; init; }

    /// <summary>Stamped by the server.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Version of this message.</summary>
    public string SchemaVersion { get; init; } = "1.0";

    /// <summary>The same with every id of a task that stands in it written in another way.</summary>
    public SubmitTask WithIds(Func<string, string> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return this with
        {
            TaskId = write(TaskId),
            ParentTaskId = ParentTaskId is null ? null : write(ParentTaskId),
            ReplayOf = ReplayOf is null ? null : write(ReplayOf),
            Dependencies = Dependencies.Count == 0 ? Dependencies : [.. Dependencies.Select(one => one with { TaskId = write(one.TaskId) })],
        };
    }

    /// <summary>What is said about its place, as one; null when nothing is.</summary>
    public PlacementRule? Placement()
    {
        var rule = new PlacementRule
        {
            Constraints = Constraints ?? [],
            Preferences = Preferences ?? [],
            Strategy = Strategy,
            OnInfeasible = OnInfeasible,
            Preemptible = Preemptible,
        };
        return rule.IsOpen ? null : rule;
    }
}

/// <summary>How the agent of a task is found (R12).</summary>
public enum TaskMode
{
    /// <summary>A word of a newer version of the protocol.</summary>
    Unknown = 0,

    /// <summary>One agent, chosen by type and free capacity.</summary>
    Routed,

    /// <summary>The agent named by <c>responder_agent_id</c> and no other.</summary>
    Direct,

    /// <summary>Several agents do it at the same time; the first that succeeds wins, the others are told to stop.</summary>
    Competitive,

    /// <summary>Every matching agent does it; what they came to is put together.</summary>
    Broadcast,
}

/// <summary>What a task needs while it runs. GiB are 2^30 bytes; fractions of cores and GiB are allowed.</summary>
public sealed record Requirements
{
    /// <summary>Cores, 0..1024; at most three decimals count.</summary>
    public double CpuCores { get; init; }

    /// <summary>Memory in GiB, 0..65536.</summary>
    public double MemoryGb { get; init; }

    /// <summary>Storage in GiB, 0..1048576.</summary>
    public double StorageGb { get; init; }

    /// <summary>Whole GPUs, 0..64; absent: none.</summary>
    public int? GpuUnits { get; init; }
}

/// <summary>What happens after a failed attempt. Losing an agent does not count against <see cref="MaxAttempts"/>.</summary>
public sealed record RetryRule
{
    /// <summary>Attempts in all, 1..20.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>Wait before the second attempt, in seconds, 0..3600; doubles from there.</summary>
    public double? InitialBackoffS { get; init; }

    /// <summary>Longest wait, in seconds, 0..86400.</summary>
    public double? MaxBackoffS { get; init; }

    /// <summary>The share of a wait that chance may take off, 0..1; absent: 0.2.</summary>
    public double? Jitter { get; init; }

    /// <summary>Error codes after which there is no further attempt, whatever the agent says; at most 32 of 1..64 characters.</summary>
    public IReadOnlyList<string>? NonRetryableCodes { get; init; }

    /// <summary>The parts of this one, and of the other where this one says nothing.</summary>
    public RetryRule Or(RetryRule? other) => other is null ? this : new()
    {
        MaxAttempts = MaxAttempts ?? other.MaxAttempts,
        InitialBackoffS = InitialBackoffS ?? other.InitialBackoffS,
        MaxBackoffS = MaxBackoffS ?? other.MaxBackoffS,
        Jitter = Jitter ?? other.Jitter,
        NonRetryableCodes = NonRetryableCodes ?? other.NonRetryableCodes,
    };

    /// <inheritdoc />
    public bool Equals(RetryRule? other) =>
        other is not null && MaxAttempts == other.MaxAttempts && InitialBackoffS.Equals(other.InitialBackoffS)
        && MaxBackoffS.Equals(other.MaxBackoffS) && Jitter.Equals(other.Jitter)
        && (NonRetryableCodes ?? []).SequenceEqual(other.NonRetryableCodes ?? []);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(MaxAttempts, InitialBackoffS, MaxBackoffS, Jitter);
}
