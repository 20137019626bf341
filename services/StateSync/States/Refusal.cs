namespace A2A.Micro.StateSync.States;

/// <summary>A message that changes nothing, and why.</summary>
/// <param name="Kind">Why; the tag of <c>a2a.stale.messages</c>.</param>
/// <param name="Detail">Which value it was, for the log.</param>
public sealed record Refusal(RefusalKind Kind, string Detail);

/// <summary>Why a message changes nothing (G5, G14).</summary>
public enum RefusalKind
{
    /// <summary>It breaks the protocol: no attempt, progress outside 0..1 or NaN, an impossible id.</summary>
    Malformed,

    /// <summary>A status that says something else than <c>running</c>; only the Scheduler moves a state (R22).</summary>
    NotRunning,

    /// <summary>The attempt is over.</summary>
    StaleAttempt,

    /// <summary>Somebody else holds the attempt.</summary>
    NotOwner,

    /// <summary>The task has ended.</summary>
    AlreadyTerminal,

    /// <summary>Less than was reported before (R5).</summary>
    ProgressBack,

    /// <summary>It says what is known already: a redelivery, in most cases.</summary>
    Repeated,

    /// <summary>Too many wait for their attempt already.</summary>
    Crowded,

    /// <summary>Waited for its attempt longer than reports are kept.</summary>
    Expired,
}
