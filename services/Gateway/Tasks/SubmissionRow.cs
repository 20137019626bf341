using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>An accepted submission as it is stored.</summary>
public sealed class SubmissionRow
{
    /// <summary>The task's outside id.</summary>
    public required string TaskId { get; init; }

    /// <summary>SHA-256 of the canonical form of what the caller sent, 32 bytes.</summary>
    public required byte[] BodyHash { get; init; }

    /// <summary>The command as it went out, as wire JSON.</summary>
    public required string Task { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>W3C trace context of the request.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The row under the id that its tenant knows; what is stored of the task keeps its inside ids.</summary>
    public SubmissionRow Outside() => TenantNames.TenantOf(TaskId) == TenantNames.Default ? this : new()
    {
        TaskId = TenantNames.Outside(TaskId),
        BodyHash = BodyHash,
        Task = Task,
        CreatedAt = CreatedAt,
        TraceParent = TraceParent,
    };
}

/// <summary>A key that a caller chose to recognise its own repeats.</summary>
public sealed class IdempotencyKeyRow
{
    /// <summary>How long a key protects (G2).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>The key, 1..255 characters.</summary>
    public required string Key { get; init; }

    /// <summary>The body that it was used for.</summary>
    public required byte[] BodyHash { get; init; }

    /// <summary>The task that it made.</summary>
    public required string TaskId { get; init; }

    /// <summary>When it was used first.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A submission that passed every rule and asks to be stored.</summary>
/// <param name="Row">What is stored.</param>
/// <param name="IdempotencyKey">The caller's key, if any.</param>
/// <param name="Command">What leaves with the commit.</param>
public sealed record NewSubmission(SubmissionRow Row, string? IdempotencyKey, Outgoing Command)
{
    /// <summary>Its parameters, where they are too large to travel; stored with it.</summary>
    public PackedPayload? Payload { get; init; }
}
