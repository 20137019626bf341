using System.Text.Json;
using MassTransit;

namespace A2A.Micro.Contracts.Agents;

/// <summary><c>agent.announce</c>: I exist, this is what I can do. Sent at start and whenever it changes.</summary>
[MessageUrn("a2a:agent.announce", useDefaultPrefix: false), EntityName("agent.announce")]
public sealed record AnnounceAgent
{
    /// <summary>1..64 characters of <c>[A-Za-z0-9._-]</c>; names the agent's queue.</summary>
    public required string AgentId { get; init; }

    /// <summary>Larger with every start of the process: what an older one held is void (G7b).</summary>
    public required long Incarnation { get; init; }

    /// <summary>Task types it handles; <c>data.*</c> covers every type below <c>data.</c>.</summary>
    public required IReadOnlyList<AgentCapability> Capabilities { get; init; }

    /// <summary>What it can hold at once.</summary>
    public required AgentCapacity Capacity { get; init; }

    /// <summary>Version of the agent's program, for people; tasks may ask for it as the label <c>a2a.version</c>.</summary>
    public string? Version { get; init; }

    /// <summary>What tasks may ask for, such as <c>zone</c> = <c>eu</c>; at most 64, and no name begins with <c>a2a.</c>.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>
    /// It takes offers in company, several in one <see cref="Wire.Bulk"/> where there are several at a time, and large ones compressed with gzip.
    /// </summary>
    public bool? TakesBulk { get; init; }

    /// <summary>
    /// What secrets are sealed with for this start of it: an uncompressed point on P-256, base64url. Absent: it cannot open any, and rejects tasks
    /// that have some.
    /// </summary>
    public string? SealingKey { get; init; }
}

/// <summary>One kind of work an agent can do.</summary>
public sealed record AgentCapability
{
    /// <summary>Type name or pattern.</summary>
    public required string TaskType { get; init; }

    /// <summary>JSON Schema 2020-12 of the parameters, exported from the handler's record type.</summary>
    public JsonElement? ParametersSchema { get; init; }

    /// <summary>JSON Schema 2020-12 of the result.</summary>
    public JsonElement? ResultSchema { get; init; }

    /// <summary>Version of the type, 1..32 characters of <c>[A-Za-z0-9._-]</c>; absent: it has none.</summary>
    public string? Version { get; init; }

    /// <summary>What the work is, for people; at most 1000 characters.</summary>
    public string? Description { get; init; }

    /// <summary>What a task of this type gets where its submission says nothing.</summary>
    public Tasks.TaskTypeProfile? Profile { get; init; }

    /// <summary>JSON pointers into the parameters that hold secrets, at most 64 of 256 characters.</summary>
    public IReadOnlyList<string>? Sensitive { get; init; }
}

/// <summary>What an agent can hold at once. GiB are 2^30 bytes.</summary>
public sealed record AgentCapacity
{
    /// <summary>Tasks at once, 1..10000.</summary>
    public required int Slots { get; init; }

    /// <summary>Cores.</summary>
    public double CpuCores { get; init; }

    /// <summary>Memory in GiB.</summary>
    public double MemoryGb { get; init; }

    /// <summary>Storage in GiB.</summary>
    public double StorageGb { get; init; }

    /// <summary>Whole GPUs.</summary>
    public int GpuUnits { get; init; }

    /// <summary>
    /// The GPUs by name, each 1 to 64 characters of <c>[A-Za-z0-9._:-]</c>, as <c>CUDA_VISIBLE_DEVICES</c> takes them; absent: <c>0</c>,
    /// <c>1</c>, ... Named ones count, whatever <see cref="GpuUnits"/> says.
    /// </summary>
    public IReadOnlyList<string>? GpuIds { get; init; }
}

/// <summary><c>agent.heartbeat</c>: every 5 s; renews the lease of everything the agent holds.</summary>
[MessageUrn("a2a:agent.heartbeat", useDefaultPrefix: false), EntityName("agent.heartbeat")]
public sealed record AgentHeartbeat
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>Which start of its process speaks.</summary>
    public required long Incarnation { get; init; }

    /// <summary>
    /// What it works on: <c>task_id</c> and attempt, paused work whose room it keeps included. Absent: as it said last; it says it whenever it
    /// has changed, and now and then without.
    /// </summary>
    public IReadOnlyList<RunningAttempt>? Running { get; init; }
}

/// <summary>One attempt that an agent works on.</summary>
public sealed record RunningAttempt
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }
}

/// <summary><c>agent.draining</c>: no further offers; what runs is finished.</summary>
[MessageUrn("a2a:agent.draining", useDefaultPrefix: false), EntityName("agent.draining")]
public sealed record AgentDraining
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>Which start of its process speaks.</summary>
    public required long Incarnation { get; init; }
}

/// <summary><c>agent.left</c>: the process ends in good order; what it still holds is given to others at once.</summary>
[MessageUrn("a2a:agent.left", useDefaultPrefix: false), EntityName("agent.left")]
public sealed record AgentLeft
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>Which start of its process speaks.</summary>
    public required long Incarnation { get; init; }
}

/// <summary><c>agent.unknown</c>: sent to an agent whose heartbeat names an incarnation that is not registered; it announces itself again.</summary>
[MessageUrn("a2a:agent.unknown", useDefaultPrefix: false), EntityName("agent.unknown")]
public sealed record AgentUnknown
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }
}
