using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Errors;

/// <summary>Why an agent does not take a task (task guide, "Common rejection reasons"; requirements 90).</summary>
public enum RejectionReason
{
    /// <summary>A word of a newer version; treated as <see cref="ResourceUnavailable"/>.</summary>
    [Word("UNKNOWN")]
    Unknown = 0,

    /// <summary>The agent does not handle this type; another may.</summary>
    [Word("UNSUPPORTED_TASK_TYPE")]
    UnsupportedTaskType,

    /// <summary>The agent is full; another may have room.</summary>
    [Word("CAPACITY_EXCEEDED")]
    CapacityExceeded,

    /// <summary>Nobody can finish it in time: final.</summary>
    [Word("DEADLINE_IMPOSSIBLE")]
    DeadlineImpossible,

    /// <summary>The parameters are malformed: final.</summary>
    [Word("INVALID_PARAMETERS")]
    InvalidParameters,

    /// <summary>Something outside that the agent needs is not there; another may have it.</summary>
    [Word("RESOURCE_UNAVAILABLE")]
    ResourceUnavailable,
}

/// <summary>Why a report about a task changes nothing (reliability G3).</summary>
public enum RefusalReason
{
    /// <summary>An older attempt speaks.</summary>
    [Word("STALE_ATTEMPT")]
    StaleAttempt,

    /// <summary>Somebody else holds the attempt.</summary>
    [Word("NOT_OWNER")]
    NotOwner,

    /// <summary>The task has ended.</summary>
    [Word("ALREADY_TERMINAL")]
    AlreadyTerminal,

    /// <summary>A cancel was accepted before.</summary>
    [Word("CANCELLED")]
    Cancelled,

    /// <summary>Nobody knows the task.</summary>
    [Word("UNKNOWN_TASK")]
    UnknownTask,

    /// <summary>The same report again; nothing to do.</summary>
    [Word("REPEATED")]
    Repeated,
}
