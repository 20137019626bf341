using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>Where a task is (requirements D6). Nothing leaves the last five.</summary>
public enum TaskState
{
    /// <summary>A word of a newer version of the protocol.</summary>
    Unknown = 0,

    /// <summary>Accepted and stored; validation runs here.</summary>
    [Word("submitted", "pending")]
    Submitted,

    /// <summary>Waits for dependencies, for <c>not_before</c>, for an operator, or out a retry's back-off.</summary>
    Blocked,

    /// <summary>May run; waits for resources or for an agent.</summary>
    Queued,

    /// <summary>Sent to an agent that has not accepted yet.</summary>
    Offered,

    /// <summary>Accepted by an agent that holds the lease.</summary>
    [Word("running", "in_progress", "working")]
    Running,

    /// <summary>Stopped at a checkpoint, on request or by preemption.</summary>
    Paused,

    /// <summary>The agent waits for input or for an authorisation.</summary>
    InputRequired,

    /// <summary>Terminal: a result is recorded.</summary>
    Completed,

    /// <summary>Terminal: attempts used up, a final error, or a dependency that was not satisfied.</summary>
    Failed,

    /// <summary>Terminal: cancelled on request or by cascade.</summary>
    [Word("cancelled", "canceled")]
    Cancelled,

    /// <summary>Terminal: refused by validation, by every agent that could take it, or because it can never fit.</summary>
    Rejected,

    /// <summary>Terminal: the deadline passed before a result was recorded.</summary>
    Expired,
}

/// <summary>A flag beside the state while something is under way (requirements D7); never a state.</summary>
public enum TaskPhase
{
    /// <summary>Nothing is under way.</summary>
    [Word("")]
    None = 0,

    /// <summary>In <c>submitted</c>: the rules are being checked.</summary>
    Validating,

    /// <summary>In <c>blocked</c>: the back-off before the next attempt runs.</summary>
    RetryWait,

    /// <summary>The agent was asked to pause and has not answered yet.</summary>
    Pausing,

    /// <summary>The agent was asked to resume and has not answered yet.</summary>
    Resuming,

    /// <summary>The agent was asked to stop and has not answered yet.</summary>
    Cancelling,
}

/// <summary>Questions that are asked of a state all over the system.</summary>
public static class TaskStateFacts
{
    /// <summary>No task leaves these.</summary>
    public static bool IsTerminal(this TaskState state) => state >= TaskState.Completed;
}
