namespace A2A.Micro.Gateway.Workflows;

/// <summary>An accepted workflow as it is stored.</summary>
public sealed class WorkflowRow
{
    /// <summary>The workflow, see <see cref="WorkflowRules.IsWorkflowId"/>.</summary>
    public required string WorkflowId { get; init; }

    /// <summary>SHA-256 of what the caller sent, 32 bytes.</summary>
    public required byte[] BodyHash { get; init; }

    /// <summary>The <see cref="WorkflowRecord"/> as wire JSON.</summary>
    public required string Record { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The same workflow under another id: inside, or as its tenant knows it.</summary>
    public WorkflowRow Named(string workflowId) => workflowId == WorkflowId ? this : new()
    {
        WorkflowId = workflowId,
        BodyHash = BodyHash,
        Record = Record,
        CreatedAt = CreatedAt,
    };
}

/// <summary>Which tasks make up a workflow.</summary>
public sealed record WorkflowRecord
{
    /// <summary>What a person calls it.</summary>
    public string? Name { get; init; }

    /// <summary>The workflow that this one goes on with.</summary>
    public string? ReplayOf { get; init; }

    /// <summary>The stages in their order; those that an earlier workflow completed are still its tasks.</summary>
    public required IReadOnlyList<StageRecord> Stages { get; init; }

    /// <summary>What undoes stages, by their names and in their order; null when nothing does.</summary>
    public IReadOnlyList<StageRecord>? Compensations { get; init; }
}

/// <summary>One stage of a workflow.</summary>
public sealed record StageRecord
{
    /// <summary>Its name, unique within the workflow.</summary>
    public required string Name { get; init; }

    /// <summary>The task that does it.</summary>
    public required string TaskId { get; init; }

    /// <summary>What kind of work it is.</summary>
    public required string TaskType { get; init; }
}
