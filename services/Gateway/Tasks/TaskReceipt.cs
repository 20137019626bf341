using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>The answer to an accepted submission.</summary>
public sealed record TaskReceipt
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Always <c>submitted</c>: what was promised, not where the task is now.</summary>
    public required TaskState State { get; init; }

    /// <summary>Where to go on.</summary>
    public required TaskLinks Links { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>With <c>on_timeout=cancel</c>, when the wait was over: whether the cancel was taken.</summary>
    public bool? CancelRequested { get; init; }

    /// <summary>W3C trace id of the submission.</summary>
    public required string TraceId { get; init; }
}
