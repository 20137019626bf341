namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// The key that the secrets of a task are sealed with, itself sealed: for the installation, and with an offer for the one agent that is asked.
/// Absent: the task has no secrets.
/// </summary>
public sealed record TaskSeal
{
    /// <summary>The tenant whose key wraps it.</summary>
    public required string Tenant { get; init; }

    /// <summary>The task for which it was made; a task that does it again keeps the seal of the first.</summary>
    public required string TaskId { get; init; }

    /// <summary>Which master key.</summary>
    public required string Kid { get; init; }

    /// <summary>The task's key, wrapped for the installation; base64url.</summary>
    public required string Wrapped { get; init; }

    /// <summary>With an offer: the same key, wrapped for the agent; base64url.</summary>
    public string? ForAgent { get; init; }

    /// <summary>JSON pointers into the result that are to be sealed before it leaves the agent.</summary>
    public IReadOnlyList<string>? Results { get; init; }
}
