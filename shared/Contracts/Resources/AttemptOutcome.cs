namespace A2A.Micro.Contracts.Resources;

/// <summary>How an attempt ended, as far as that says something about its agent. What is the task's own fault says nothing.</summary>
public enum AttemptOutcome
{
    /// <summary>A word of a newer version of the protocol; says nothing.</summary>
    Unknown = 0,

    /// <summary>The task has its result.</summary>
    Succeeded,

    /// <summary>It failed in a way that may be better elsewhere, or the agent did not answer.</summary>
    Failed,

    /// <summary>The agent did not take what it says it can do.</summary>
    Refused,
}
