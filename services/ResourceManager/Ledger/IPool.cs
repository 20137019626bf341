using A2A.Micro.Contracts.Agents;
using A2A.Micro.ResourceManager.Agents;

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
    Task<bool> Release(AttemptKey attempt, IReadOnlyList<string>? resourceIds, CancellationToken cancellation);

    /// <summary>An agent says what it is. A newer incarnation loses what the older one held.</summary>
    Task Announce(Announcement announcement, CancellationToken cancellation);

    /// <summary>An agent is alive. False when it has to announce itself first.</summary>
    Task<bool> Heartbeat(string agentId, long incarnation, CancellationToken cancellation);

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

    /// <summary>Why the claim of a task waits; null when none of its attempts does.</summary>
    Task<Refusal?> Explain(string taskId, CancellationToken cancellation);
}
