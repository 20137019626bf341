using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Something that is asked of the pool. Many of them share one round (architecture 6).</summary>
public abstract record PoolOperation
{
    private PoolOperation()
    {
    }

    /// <summary>Room for an attempt. Idempotent by the attempt.</summary>
    /// <param name="Wish">What is wanted.</param>
    public sealed record ClaimRoom(ResourceClaim Wish) : PoolOperation;

    /// <summary>An attempt gives its room back, or gives up waiting. Idempotent by the attempt.</summary>
    /// <param name="Attempt">Whose.</param>
    /// <param name="ResourceIds">Only these; null: all.</param>
    /// <param name="Reason">Written down with the reservation when nothing of it is left.</param>
    /// <param name="Outcome">How the attempt ended, where that says something about its agent.</param>
    public sealed record ReleaseRoom(
        AttemptKey Attempt, IReadOnlyList<string>? ResourceIds = null, string Reason = Pool.GivenBack, AttemptOutcome? Outcome = null) : PoolOperation;

    /// <summary>An agent says what it is. Idempotent by (agent, incarnation).</summary>
    /// <param name="What">What it says.</param>
    public sealed record Announce(Announcement What) : PoolOperation;

    /// <summary>An agent is alive.</summary>
    /// <param name="AgentId">The agent.</param>
    /// <param name="Incarnation">Which start of its process speaks.</param>
    /// <param name="Running">What it says that it works on; null when it says nothing about that.</param>
    public sealed record Beat(string AgentId, long Incarnation, IReadOnlyList<AttemptKey>? Running = null) : PoolOperation;

    /// <summary>What an attempt holds is of no use to it any more: it is taken back, and its holder told. Idempotent by the attempt.</summary>
    /// <param name="Attempt">Whose.</param>
    /// <param name="Code">Why.</param>
    public sealed record RevokeRoom(AttemptKey Attempt, string Code) : PoolOperation;

    /// <summary>An operator says whether an agent gets work.</summary>
    /// <param name="AgentId">The agent.</param>
    /// <param name="Action">What is wanted.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Steer(string AgentId, SteerAction Action, string? Reason) : PoolOperation;

    /// <summary>An agent takes no more.</summary>
    /// <param name="AgentId">The agent.</param>
    /// <param name="Incarnation">Which start of its process speaks.</param>
    public sealed record Drain(string AgentId, long Incarnation) : PoolOperation;

    /// <summary>An agent ends in good order.</summary>
    /// <param name="AgentId">The agent.</param>
    /// <param name="Incarnation">Which start of its process speaks.</param>
    public sealed record Leave(string AgentId, long Incarnation) : PoolOperation;

    /// <summary>Agents that have been silent for longer than their lease lose what they hold; then the whole line is tried.</summary>
    /// <param name="Lease">How long an agent may be silent.</param>
    public sealed record Reap(TimeSpan Lease) : PoolOperation;
}

/// <summary>What the pool answers.</summary>
public abstract record PoolAnswer
{
    /// <summary>Heard; there is nothing to say.</summary>
    public sealed record Done : PoolAnswer
    {
        /// <summary>The only one.</summary>
        public static Done Instance { get; } = new();
    }

    /// <summary>After a release.</summary>
    /// <param name="StillHolds">Only a part was given back.</param>
    public sealed record Released(bool StillHolds) : PoolAnswer;

    /// <summary>After a heartbeat.</summary>
    /// <param name="Known">The incarnation is registered and online or draining.</param>
    public sealed record Heard(bool Known) : PoolAnswer;

    /// <summary>After a sweep.</summary>
    /// <param name="Agents">How many agents lost their lease.</param>
    /// <param name="Waiting">Claims in the line.</param>
    /// <param name="Used">What is held on all agents.</param>
    public sealed record Reaped(int Agents, long Waiting, Quantities Used) : PoolAnswer;
}

/// <summary>What the pool answers to a claim.</summary>
public abstract record ClaimAnswer : PoolAnswer
{
    private ClaimAnswer()
    {
    }

    /// <summary>It has its place, now or by an earlier claim of the same attempt.</summary>
    /// <param name="Place">Where and how much.</param>
    /// <param name="TakesBulk">The agent takes offers in company.</param>
    public sealed record Granted(Reservation Place, bool TakesBulk = false) : ClaimAnswer;

    /// <summary>It is in the line and will be told.</summary>
    /// <param name="Why">What it waits for.</param>
    public sealed record Waits(Refusal Why) : ClaimAnswer;

    /// <summary>It can never have a place.</summary>
    /// <param name="Why">What was missing.</param>
    public sealed record Denied(Refusal Why) : ClaimAnswer;

    /// <summary>The attempt is over already: released before it was claimed, revoked, or overtaken by a newer attempt.</summary>
    /// <param name="LostAgent">The agent that it was taken away from, because that is gone; null when it ended otherwise.</param>
    /// <param name="Code">Why that agent counts as gone.</param>
    public sealed record Closed(string? LostAgent = null, string? Code = null) : ClaimAnswer;
}
