using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Gateway.Workflows;

namespace A2A.Micro.Gateway.Batches;

/// <summary>Tasks that ask to be stored in one transaction.</summary>
/// <param name="Submissions">Without keys of their own, every id once, dependencies first.</param>
/// <param name="Key">The caller's key for the whole, if any.</param>
/// <param name="BodyHash">Fingerprint of the whole, 32 bytes.</param>
/// <param name="Atomic">Whether one conflict refuses all.</param>
public sealed record NewBatch(IReadOnlyList<NewSubmission> Submissions, string? Key, byte[] BodyHash, bool Atomic)
{
    /// <summary>The workflow that these tasks make up, kept with them; the first one of an id counts.</summary>
    public WorkflowRow? Workflow { get; init; }

    /// <summary>What claims the key: the key is remembered with the first task of the batch.</summary>
    public NewSubmission? KeyClaim => Key is null ? null : Submissions[0] with
    {
        IdempotencyKey = Key,
        Row = new SubmissionRow
        {
            TaskId = Submissions[0].Row.TaskId,
            BodyHash = BodyHash,
            Task = Submissions[0].Row.Task,
            CreatedAt = Submissions[0].Row.CreatedAt,
            TraceParent = Submissions[0].Row.TraceParent,
        },
    };
}

/// <summary>What became of a batch.</summary>
public sealed record BatchAcceptance
{
    /// <summary>There was nothing to store.</summary>
    public static BatchAcceptance Nothing { get; } = new();

    /// <summary>The key was used for another body; nothing is stored.</summary>
    public static BatchAcceptance Reused { get; } = new() { KeyReused = true };

    /// <summary>What became of each, in the order of the submissions.</summary>
    public IReadOnlyList<Acceptance> Items { get; init; } = [];

    /// <summary>See <see cref="Reused"/>.</summary>
    public bool KeyReused { get; init; }

    /// <summary>The same batch with the same key was here before.</summary>
    public bool Replayed { get; init; }

    /// <summary>An atomic batch with a conflict: nothing is stored, whatever <see cref="Items"/> says of the others.</summary>
    public bool Withdrawn { get; init; }
}
