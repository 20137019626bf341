using A2A.Micro.Contracts.Agents;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Views;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>A pool that answers what the row of the lifecycle table says in brackets.</summary>
internal sealed class ScriptedPool(string hears) : IPool
{
    public Task<ClaimAnswer> Claim(ResourceClaim claim, CancellationToken cancellation) => Task.FromResult<ClaimAnswer>(
        hears.Contains("(granted)", StringComparison.Ordinal) ? new ClaimAnswer.Granted(new Reservation
        {
            Attempt = claim.Attempt,
            AgentId = "worker-1",
            Held = claim.Wanted,
            GrantedAt = Claims.Noon,
        })
        : hears.Contains("(waits)", StringComparison.Ordinal)
            ? new ClaimAnswer.Waits(Refusal.ForNow("AGENT_CAPACITY", "all slots are taken"))
        : hears.Contains("(denied)", StringComparison.Ordinal)
            ? new ClaimAnswer.Denied(Refusal.Final("INFEASIBLE", "too large"))
        : hears.Contains("(closed)", StringComparison.Ordinal) ? new ClaimAnswer.Closed()
        : hears.Contains("(lost)", StringComparison.Ordinal) ? new ClaimAnswer.Closed("worker-1", "AGENT_RESTARTED")
        : throw new InvalidOperationException($"the pool must not be asked in the row '{hears}'"));

    public Task<bool> Release(
        AttemptKey attempt, IReadOnlyList<string>? resourceIds, Contracts.Resources.AttemptOutcome? outcome, CancellationToken cancellation) =>
        Task.FromResult(hears.Contains("(a part)", StringComparison.Ordinal));

    public Task Reclaim(AttemptKey attempt, string reason, CancellationToken cancellation) => throw new NotSupportedException();

    public Task Announce(Announcement announcement, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task Revoke(AttemptKey attempt, string code, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<Contracts.Resources.DenialHistory> Denials(int hours, CancellationToken cancellation) => throw new NotSupportedException();

    public Task NoteRefusals(Contracts.Resources.SubmissionsRefused refused, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<bool> Heartbeat(string agentId, long incarnation, IReadOnlyList<AttemptKey>? running, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task Drain(string agentId, long incarnation, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task Leave(string agentId, long incarnation, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<PoolAnswer.Reaped> ReapSilent(TimeSpan lease, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<AgentView>> Agents(CancellationToken cancellation) => throw new NotSupportedException();

    public Task<IReadOnlyList<Agents.KnownAgent>> Announced(CancellationToken cancellation) => throw new NotSupportedException();

    public Task<WaitSnapshot?> Look(string taskId, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<bool> Steer(string agentId, Contracts.Agents.SteerAction action, string? reason, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<WaitSnapshot> Look(ResourceClaim claim, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<PoolSnapshot> Look(CancellationToken cancellation) => throw new NotSupportedException();

    public Task<LineSnapshot> Line(LineKey? after, int limit, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<int> TellReasons(int most, CancellationToken cancellation) => throw new NotSupportedException();
}
