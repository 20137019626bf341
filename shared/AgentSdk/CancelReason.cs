namespace A2A.Micro.AgentSdk;

/// <summary>Why the work of an attempt must stop.</summary>
public enum CancelReason
{
    /// <summary>It need not.</summary>
    None = 0,

    /// <summary>Somebody cancelled the task.</summary>
    UserCancel,

    /// <summary>The deadline passed.</summary>
    Deadline,

    /// <summary>The agent could not renew its lease: another agent may have the task by now (G5).</summary>
    LeaseLost,

    /// <summary>The attempt was taken away from this agent.</summary>
    Withdrawn,

    /// <summary>The process ends and the grace is over.</summary>
    Shutdown,
}
