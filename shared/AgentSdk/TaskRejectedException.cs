using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.AgentSdk;

/// <summary>
/// This agent does not take the task. From <see cref="ITaskHandler{TIn,TOut}.CanAccept"/> it is a <c>task.rejected</c>; once the
/// work has started it is too late for that, and it becomes a failure with the same code.
/// </summary>
/// <param name="reason">One of the task guide's codes.</param>
/// <param name="message">For a person; cut at 2 kB.</param>
public sealed class TaskRejectedException(RejectionReason reason, string message) : Exception(message)
{
    /// <summary>Which of the task guide's codes.</summary>
    public RejectionReason Reason { get; } = reason;
}
