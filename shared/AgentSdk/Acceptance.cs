using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.AgentSdk;

/// <summary>
/// Takes this agent the task? Pure. Reasons that hold for every agent (malformed parameters, a deadline nobody can meet) are
/// given before those that hold only here (full, draining), so that a hopeless task does not wander from agent to agent.
/// </summary>
public static class Acceptance
{
    /// <summary>Decides from the facts alone.</summary>
    public static AcceptanceDecision Decide(AcceptanceFacts facts) => facts switch
    {
        { Handled: false } => Reject(
            RejectionReason.UnsupportedTaskType, $"this agent does not handle {facts.TaskType}"),
        { Objection: { Reason: RejectionReason.InvalidParameters } malformed } => malformed,
        { Deadline: { } deadline } when deadline <= facts.Now =>
            Reject(RejectionReason.DeadlineImpossible, "the deadline has passed"),
        { Deadline: { } deadline, Estimate: { } estimate } when estimate > deadline - facts.Now =>
            Reject(
                RejectionReason.DeadlineImpossible,
                $"it takes about {estimate.TotalSeconds:0.#} s and the deadline is nearer"),
        { Objection: { } objection } => objection,
        { Draining: true } => Reject(RejectionReason.CapacityExceeded, "the agent is shutting down"),
        _ when facts.Busy >= facts.Slots =>
            Reject(RejectionReason.CapacityExceeded, $"all {facts.Slots} slots of the agent are taken"),
        _ => new AcceptanceDecision.Accepted(),
    };

    private static AcceptanceDecision.Rejected Reject(RejectionReason reason, string sentence) => new(reason, sentence);
}

/// <summary>What the decision depends on.</summary>
public sealed record AcceptanceFacts
{
    /// <summary>The type that is asked for.</summary>
    public required string TaskType { get; init; }

    /// <summary>Whether a handler covers the type.</summary>
    public required bool Handled { get; init; }

    /// <summary>Tasks the agent can hold at once.</summary>
    public required int Slots { get; init; }

    /// <summary>Tasks whose handlers run now.</summary>
    public required int Busy { get; init; }

    /// <summary>The agent ends and takes nothing new.</summary>
    public bool Draining { get; init; }

    /// <summary>The present.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The work must be finished by then.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long the handler says it takes at least.</summary>
    public TimeSpan? Estimate { get; init; }

    /// <summary>Parameters that do not bind, or what the handler has against the task.</summary>
    public AcceptanceDecision.Rejected? Objection { get; init; }
}

/// <summary>The answer to an offer.</summary>
public abstract record AcceptanceDecision
{
    private AcceptanceDecision()
    {
    }

    /// <summary>The agent takes it.</summary>
    public sealed record Accepted : AcceptanceDecision;

    /// <summary>The agent does not take it.</summary>
    /// <param name="Reason">One of the task guide's codes.</param>
    /// <param name="Sentence">For a person.</param>
    public sealed record Rejected(RejectionReason Reason, string Sentence) : AcceptanceDecision;
}
