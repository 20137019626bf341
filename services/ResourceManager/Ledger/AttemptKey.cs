namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>One attempt of a task: what a claim and a reservation belong to, and by what they are idempotent (requirements 24).</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">Its attempt; the fencing token (reliability G5).</param>
public readonly record struct AttemptKey(string TaskId, int Attempt)
{
    /// <inheritdoc />
    public override string ToString() => $"{TaskId} attempt {Attempt}";
}
