using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Agents;
using A2A.Micro.ResourceManager.Views;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The durable pool. Every verb is one transaction (shared with whoever asks at the same time) and idempotent, because the one who asks
/// commits after it and may have to ask again. Two implementations run the same <see cref="Pool"/> and pass the same suite.
/// </summary>
public interface IPool
{
    /// <summary>Room for an attempt: granted, waiting, denied, or closed. The same attempt gets the same answer again.</summary>
    Task<ClaimAnswer> Claim(ResourceClaim claim, CancellationToken cancellation);

    /// <summary>Gives room back, or leaves the line; a no-op for what is over. True when a part is still held.</summary>
    /// <param name="attempt">Whose.</param>
    /// <param name="resourceIds">Only these; null: all.</param>
    /// <param name="outcome">How the attempt ended, where that says something about its agent.</param>
    /// <param name="cancellation">Ends it.</param>
    Task<bool> Release(AttemptKey attempt, IReadOnlyList<string>? resourceIds, AttemptOutcome? outcome, CancellationToken cancellation);

    /// <summary>The same for an end that says nothing about the agent.</summary>
    Task<bool> Release(AttemptKey attempt, IReadOnlyList<string>? resourceIds, CancellationToken cancellation) =>
        Release(attempt, resourceIds, null, cancellation);

    /// <summary>Takes back what an attempt holds that should hold nothing any more; a no-op for what is over.</summary>
    /// <param name="attempt">Whose.</param>
    /// <param name="reason">Why, as a code; written down with the reservation.</param>
    /// <param name="cancellation">Ends it.</param>
    Task Reclaim(AttemptKey attempt, string reason, CancellationToken cancellation);

    /// <summary>An agent says what it is. A newer incarnation loses what the older one held.</summary>
    Task Announce(Announcement announcement, CancellationToken cancellation);

    /// <summary>Takes back what an attempt holds and tells whoever holds it; a no-op for what is over.</summary>
    /// <param name="attempt">Whose.</param>
    /// <param name="code">Why.</param>
    /// <param name="cancellation">Ends it.</param>
    Task Revoke(AttemptKey attempt, string code, CancellationToken cancellation);

    /// <summary>An agent is alive. False when it has to announce itself first.</summary>
    /// <param name="agentId">The agent.</param>
    /// <param name="incarnation">Which start of its process speaks.</param>
    /// <param name="running">What it says that it works on; null when it says nothing about that.</param>
    /// <param name="cancellation">Ends it.</param>
    Task<bool> Heartbeat(string agentId, long incarnation, IReadOnlyList<AttemptKey>? running, CancellationToken cancellation);

    /// <summary>The same from one that does not say what it works on.</summary>
    Task<bool> Heartbeat(string agentId, long incarnation, CancellationToken cancellation) => Heartbeat(agentId, incarnation, null, cancellation);

    /// <summary>An operator says whether an agent gets work. False when there is no such agent.</summary>
    Task<bool> Steer(string agentId, SteerAction action, string? reason, CancellationToken cancellation);

    /// <summary>An agent takes no more.</summary>
    Task Drain(string agentId, long incarnation, CancellationToken cancellation);

    /// <summary>An agent ends; what it holds is revoked.</summary>
    Task Leave(string agentId, long incarnation, CancellationToken cancellation);

    /// <summary>Revokes what agents hold that were silent for longer than <paramref name="lease"/>, and tries the whole line.</summary>
    Task<PoolAnswer.Reaped> ReapSilent(TimeSpan lease, CancellationToken cancellation);

    /// <summary>Every agent by id, with what is held on it.</summary>
    Task<IReadOnlyList<AgentView>> Agents(CancellationToken cancellation);

    /// <summary>Every agent with what it announced.</summary>
    Task<IReadOnlyList<KnownAgent>> Announced(CancellationToken cancellation);

    /// <summary>How many claims were denied for good in the last hours, this one included, and for want of what.</summary>
    Task<DenialHistory> Denials(int hours, CancellationToken cancellation);

    /// <summary>Counts what was denied before it became a claim.</summary>
    Task NoteRefusals(SubmissionsRefused refused, CancellationToken cancellation);

    /// <summary>The claim of a task and what it waits behind; null when none of its attempts waits.</summary>
    Task<WaitSnapshot?> Look(string taskId, CancellationToken cancellation);

    /// <summary>What a claim that nobody has made would wait behind; nothing is changed.</summary>
    Task<WaitSnapshot> Look(ResourceClaim claim, CancellationToken cancellation);

    /// <summary>The pool as it is now.</summary>
    Task<PoolSnapshot> Look(CancellationToken cancellation);

    /// <summary>A piece of the line.</summary>
    /// <param name="after">The place before it; null: from the front.</param>
    /// <param name="limit">Most claims, 1..<see cref="LineView.LimitMax"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    Task<LineSnapshot> Line(LineKey? after, int limit, CancellationToken cancellation);

    /// <summary>
    /// Tells the Scheduler why claims wait whose reason has another code than the one told last, the front of the line first. Returns how
    /// many were told. Idempotent by the code.
    /// </summary>
    /// <param name="most">Most claims that are told now; the others are told the next time.</param>
    /// <param name="cancellation">Ends it.</param>
    Task<int> TellReasons(int most, CancellationToken cancellation);
}
