using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Agents;
using A2A.Micro.ResourceManager.Views;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>The verbs of <see cref="IPool"/> as operations; an implementation only says how one is carried out.</summary>
public abstract class OperatedPool : IPool
{
    /// <inheritdoc />
    public async Task<ClaimAnswer> Claim(ResourceClaim claim, CancellationToken cancellation)
    {
        var answer = (ClaimAnswer)await Run(new PoolOperation.ClaimRoom(claim), cancellation).ConfigureAwait(false);
        if (answer is ClaimAnswer.Denied denied)
        {
            await NoteRefusals(new SubmissionsRefused
            {
                TaskType = claim.TaskType,
                Code = denied.Why.Code,
                Dimension = denied.Why.Missing,
                Count = 1,
                LastTaskId = claim.Attempt.TaskId,
            }, cancellation).ConfigureAwait(false);
        }

        return answer;
    }

    /// <inheritdoc />
    public Task NoteRefusals(SubmissionsRefused refused, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(refused);
        PoolMetrics.Denied(refused);
        return Note(refused, cancellation);
    }

    /// <inheritdoc />
    public async Task<bool> Release(
        AttemptKey attempt, IReadOnlyList<string>? resourceIds, AttemptOutcome? outcome, CancellationToken cancellation) =>
        ((PoolAnswer.Released)await Run(new PoolOperation.ReleaseRoom(attempt, resourceIds, Outcome: outcome), cancellation)
            .ConfigureAwait(false)).StillHolds;

    /// <inheritdoc />
    public Task<bool> Release(AttemptKey attempt, IReadOnlyList<string>? resourceIds, CancellationToken cancellation) =>
        Release(attempt, resourceIds, null, cancellation);

    /// <inheritdoc />
    public Task Reclaim(AttemptKey attempt, string reason, CancellationToken cancellation) =>
        Run(new PoolOperation.ReleaseRoom(attempt, null, reason), cancellation);

    /// <inheritdoc />
    public Task Announce(Announcement announcement, CancellationToken cancellation) =>
        Run(new PoolOperation.Announce(announcement), cancellation);

    /// <inheritdoc />
    public Task Revoke(AttemptKey attempt, string code, CancellationToken cancellation) =>
        Run(new PoolOperation.RevokeRoom(attempt, code), cancellation);

    /// <inheritdoc />
    public async Task<bool> Heartbeat(
        string agentId, long incarnation, IReadOnlyList<AttemptKey>? running, CancellationToken cancellation) =>
        ((PoolAnswer.Heard)await Run(new PoolOperation.Beat(agentId, incarnation, running), cancellation).ConfigureAwait(false)).Known;

    /// <inheritdoc />
    public Task<bool> Heartbeat(string agentId, long incarnation, CancellationToken cancellation) =>
        Heartbeat(agentId, incarnation, null, cancellation);

    /// <inheritdoc />
    public async Task<bool> Steer(string agentId, SteerAction action, string? reason, CancellationToken cancellation) =>
        ((PoolAnswer.Heard)await Run(new PoolOperation.Steer(agentId, action, reason), cancellation).ConfigureAwait(false)).Known;

    /// <inheritdoc />
    public Task Drain(string agentId, long incarnation, CancellationToken cancellation) =>
        Run(new PoolOperation.Drain(agentId, incarnation), cancellation);

    /// <inheritdoc />
    public Task Leave(string agentId, long incarnation, CancellationToken cancellation) =>
        Run(new PoolOperation.Leave(agentId, incarnation), cancellation);

    /// <inheritdoc />
    public async Task<PoolAnswer.Reaped> ReapSilent(TimeSpan lease, CancellationToken cancellation)
    {
        var reaped = (PoolAnswer.Reaped)await Run(new PoolOperation.Reap(lease), cancellation).ConfigureAwait(false);
        PoolMetrics.Swept(reaped);
        return reaped;
    }

    /// <inheritdoc />
    public abstract Task<IReadOnlyList<AgentView>> Agents(CancellationToken cancellation);

    /// <inheritdoc />
    public abstract Task<IReadOnlyList<KnownAgent>> Announced(CancellationToken cancellation);

    /// <inheritdoc />
    public abstract Task<DenialHistory> Denials(int hours, CancellationToken cancellation);

    /// <inheritdoc />
    public abstract Task<WaitSnapshot?> Look(string taskId, CancellationToken cancellation);

    /// <inheritdoc />
    public abstract Task<WaitSnapshot> Look(ResourceClaim claim, CancellationToken cancellation);

    /// <inheritdoc />
    public abstract Task<PoolSnapshot> Look(CancellationToken cancellation);

    /// <inheritdoc />
    public abstract Task<LineSnapshot> Line(LineKey? after, int limit, CancellationToken cancellation);

    /// <inheritdoc />
    public abstract Task<int> TellReasons(int most, CancellationToken cancellation);

    /// <summary>Carries out one operation, durably, and returns its answer.</summary>
    protected abstract Task<PoolAnswer> Run(PoolOperation operation, CancellationToken cancellation);

    /// <summary>Writes down what was denied for good.</summary>
    protected abstract Task Note(SubmissionsRefused refused, CancellationToken cancellation);

    /// <summary>An agent with what it announced.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="capabilities">As it said them.</param>
    /// <param name="knownSince">One that was last heard before this does not count when feasibility is judged.</param>
    protected static KnownAgent Known(PoolAgent agent, string capabilities, DateTimeOffset knownSince) => new(
        new TypeAgent { AgentId = agent.Id, State = agent.Facts.State, LastSeenAt = agent.Facts.LastSeenAt },
        capabilities,
        !agent.CountsSince(knownSince) ? null : new AgentProfile
        {
            AgentId = agent.Id,
            TaskTypes = agent.Facts.TaskTypes,
            Capacity = agent.Ledger.Declared.AsCapacity(),
            Labels = agent.Facts.Labels.Count > 0 ? agent.Facts.Labels : null,
            Version = agent.Facts.ProgramVersion,
        });

    /// <summary>An agent as others see it.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="holds">What is held on it.</param>
    /// <param name="record">How its attempts went; null when none has ended.</param>
    protected static AgentView View(PoolAgent agent, IReadOnlyCollection<Reservation> holds, AgentRecord? record) => new()
    {
        AgentId = agent.Id,
        State = agent.Facts.State,
        TaskTypes = agent.Facts.TaskTypes,
        Capacity = agent.Ledger.Declared.AsCapacity() with { GpuIds = agent.Ledger.Devices.Count > 0 ? agent.Ledger.Devices : null },
        Used = agent.Ledger.Used.AsCapacity(),
        Free = agent.Ledger.Free.AsCapacity(),
        Devices = ResourceMatrix.Devices(agent, holds),
        Tasks =
        [
            .. holds.Select(hold => hold.Attempt).OrderBy(hold => hold.TaskId, StringComparer.Ordinal)
                .Select(hold => new RunningAttempt { TaskId = hold.TaskId, Attempt = hold.Attempt }),
        ],
        LastSeenAt = agent.Facts.LastSeenAt,
        Version = agent.Facts.ProgramVersion,
        Labels = agent.Facts.Labels.Count > 0 ? agent.Facts.Labels : null,
        Cordon = agent.Facts.Cordon,
        Hold = agent.Facts.Conduct is { HeldUntil: { } until } conduct ? new AgentHold { Until = until, Count = conduct.Holds } : null,
        QuarantinedUntil = agent.Facts.Standing == Standing.Quarantined ? agent.Facts.QuarantinedUntil : null,
        Record = record,
        ReservedFor = agent.Facts.Earmark is { } kept
            ? new AgentReservation { TaskId = kept.Owner.Attempt.TaskId, Attempt = kept.Owner.Attempt.Attempt, StartsAt = kept.StartsAt }
            : null,
    };
}
