using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// Room held by one attempt on one agent, or the memory that an attempt is over: closed attempts stay known, so that a late or
/// repeated claim is not granted again.
/// </summary>
public sealed record Reservation
{
    /// <summary>It ended with its task's result.</summary>
    public const string Succeeded = "SUCCEEDED";

    /// <summary>It failed in a way that says something about its agent, or was refused.</summary>
    public const string Failed = "FAILED";

    /// <summary>Whose.</summary>
    public required AttemptKey Attempt { get; init; }

    /// <summary>Where; null when the attempt was closed before it held anything.</summary>
    public string? AgentId { get; init; }

    /// <summary>What the attempt does; null for one that never held anything.</summary>
    public string? TaskType { get; init; }

    /// <summary>On whose account it goes.</summary>
    public string Requester { get; init; } = QuotaRules.Anonymous;

    /// <summary>How much is held, and after the release: was held last.</summary>
    public Quantities Held { get; init; }

    /// <summary>The GPUs among it, by name; empty for room that was given before they had names.</summary>
    public IReadOnlyList<string> GpuIds { get; init; } = [];

    /// <summary>The priority of a task whose room may be taken for a more urgent one; null: it may not.</summary>
    public int? Yields { get; init; }

    /// <summary>The task for which it was asked to make room; null: it was not. It is asked once.</summary>
    public string? YieldsTo { get; init; }

    /// <summary>Since when, by the store's clock.</summary>
    public required DateTimeOffset GrantedAt { get; init; }

    /// <summary>Until when; null while it holds.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>
    /// Why it ended: <see cref="Succeeded"/>, <see cref="Failed"/>, RELEASED, SUPERSEDED, TASK_ENDED, ATTEMPT_OVER, or the code of the revocation.
    /// </summary>
    public string? ReleaseReason { get; init; }

    /// <summary>The trace that it belongs to.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Whether it still holds something.</summary>
    public bool Active => ReleasedAt is null;

    /// <summary>Whether what ended for this reason had held its room as long as it needed it.</summary>
    public static bool EndedByItself(string? reason) => reason is Succeeded or Failed or Pool.GivenBack;

    /// <summary>Whether what ended for this reason was taken away because its agent is gone; all codes of revocations begin like this.</summary>
    public static bool IsLoss(string? reason) => reason?.StartsWith("AGENT_", StringComparison.Ordinal) == true;

    /// <summary><c>resource.allocated</c> for whoever asked, the same content every time.</summary>
    /// <param name="takesBulk">The agent takes offers in company.</param>
    public ResourcesAllocated Allocated(bool takesBulk) => new()
    {
        TaskId = Attempt.TaskId,
        Attempt = Attempt.Attempt,
        AgentId = AgentId!,
        Resources = Held.On(AgentId!, GpuIds),
        GpuIds = GpuIds.Count > 0 ? GpuIds : null,
        TakesBulk = takesBulk ? true : null,
    };

    /// <summary>What of it the named resources are: <c>agent/kind</c>, <c>agent/gpu/device</c>; ids of other agents name nothing.</summary>
    public (Quantities Part, IReadOnlyList<string> Devices) Named(IReadOnlyCollection<string> resourceIds)
    {
        var part = Held.Named(AgentId!, resourceIds);
        if (part.Gpus > 0) { return (part, GpuIds); }
        IReadOnlyList<string> devices = [.. GpuIds.Where(device => resourceIds.Contains($"{AgentId}/gpu/{device}"))];
        return (part with { Gpus = devices.Count }, devices);
    }
}
