using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.ResourceManager.Agents;
using A2A.Micro.ResourceManager.Policy;
using A2A.Micro.ResourceManager.Views;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>The pool inside the process: one lock instead of one transaction.</summary>
public sealed class InMemoryPool(
    IOutbox<ResourceManagerDb> outbox,
    IOptions<ResourceManagerOptions> options,
    TimeProvider clock) : OperatedPool
{
    private readonly Pool _pool = new(options.Value.KnownFor, LineRules.Of(options.Value));
    private readonly Queue<AttemptKey> _closed = new();
    private readonly Dictionary<string, AgentReport> _reports = new(StringComparer.Ordinal);
    private readonly DenialMemory _denials = new(clock);
    private readonly Lock _lock = new();

    /// <inheritdoc />
    public override Task<IReadOnlyList<AgentView>> Agents(CancellationToken cancellation)
    {
        lock (_lock)
        {
            var ended = _pool.Reservations.Values.Where(held => held.ReleasedAt is not null).OrderByDescending(held => held.ReleasedAt)
                .Take(EndedAttempt.SampleMax);
            var records = EndedAttempt.Records(ended.Select(EndedAttempt.Of).OfType<EndedAttempt>());
            return Task.FromResult<IReadOnlyList<AgentView>>(
            [
                .. _pool.Agents.Values.OrderBy(agent => agent.Id, StringComparer.Ordinal).Select(agent =>
                    View(agent, [.. agent.Ledger.Holds.Keys.Select(attempt => _pool.Reservations[attempt])], records.GetValueOrDefault(agent.Id))),
            ]);
        }
    }

    /// <inheritdoc />
    public override Task<DenialHistory> Denials(int hours, CancellationToken cancellation) => Task.FromResult(_denials.Since(hours));

    /// <inheritdoc />
    protected override Task Note(SubmissionsRefused refused, CancellationToken cancellation)
    {
        _denials.Note(refused);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override Task<IReadOnlyList<KnownAgent>> Announced(CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<KnownAgent>>(
            [
                .. _pool.Agents.Values.Select(agent =>
                    Known(agent, agent.Facts.CapabilitiesJson, clock.GetUtcNow() - options.Value.KnownFor)),
            ]);
        }
    }

    /// <inheritdoc />
    public override Task<WaitSnapshot?> Look(string taskId, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var line = _pool.Line.InOrder.ToList();
            var at = line.FindIndex(claim => claim.Attempt.TaskId == taskId);
            return Task.FromResult(at < 0
                ? null
                : new WaitSnapshot(Picture(), line[at], line[..Math.Min(at, WaitSnapshot.AheadMax)], at, line.Count) { Behind = Behind(line[at]) });
        }
    }

    /// <inheritdoc />
    public override Task<WaitSnapshot> Look(ResourceClaim claim, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var ahead = _pool.Line.InOrder.Where(other => other.Line < claim.Line).ToList();
            return Task.FromResult(new WaitSnapshot(
                Picture(), claim, ahead[..Math.Min(ahead.Count, WaitSnapshot.AheadMax)], ahead.Count, _pool.Line.Count + 1)
            {
                Behind = Behind(claim),
            });
        }
    }

    /// <inheritdoc />
    public override Task<PoolSnapshot> Look(CancellationToken cancellation)
    {
        lock (_lock) { return Task.FromResult(Picture()); }
    }

    /// <inheritdoc />
    public override Task<LineSnapshot> Line(LineKey? after, int limit, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var line = _pool.Line.InOrder.ToList();
            var before = after is { } place ? line.Count(claim => claim.Line <= place) : 0;
            return Task.FromResult(new LineSnapshot(Picture(), [.. line.Skip(before).Take(limit)], before, line.Count));
        }
    }

    /// <inheritdoc />
    public override async Task<int> TellReasons(int most, CancellationToken cancellation)
    {
        List<Outgoing> messages;
        lock (_lock)
        {
            var reasons = ReasonTeller.Of(_pool.Line.Heads, [.. _pool.Agents.Values], clock.GetUtcNow(), options.Value.KnownFor, _pool.Scene);
            var late = reasons.SelectMany(reason => _pool.Line.OfClass(reason.Class)
                    .Where(claim => claim.Told != reason.Code && claim.Told != Dealer.Preempting).Select(claim => (Claim: claim, Reason: reason)))
                .OrderBy(one => one.Claim.Line).Take(most).ToList();
            foreach (var (claim, reason) in late)
            {
                _ = _pool.Line.Remove(claim.Attempt);
                _ = _pool.Line.Add(claim with { Told = reason.Code });
            }

            messages = late.ConvertAll(one => ReasonTeller.Message(one.Claim.Attempt, one.Claim.TraceParent, one.Reason, clock));
        }

        if (messages.Count > 0) { await outbox.Committed(messages, cancellation).ConfigureAwait(false); }
        return messages.Count;
    }

    /// <inheritdoc />
    protected override async Task<PoolAnswer> Run(PoolOperation operation, CancellationToken cancellation)
    {
        var (answer, messages) = Decide(operation);
        if (messages.Count > 0) { await outbox.Committed(messages, cancellation).ConfigureAwait(false); }
        return answer;
    }

    private IReadOnlyList<ResourceClaim> Behind(ResourceClaim claim)
    {
        var end = claim.Line.KeyUs + _pool.Scene.Rules.FairShareWindow.Ticks / TimeSpan.TicksPerMicrosecond;
        return [.. _pool.Line.Heads.Where(head => head.Line.KeyUs < end)
            .Select(head => _pool.Line.OfClass(head.Class).FirstOrDefault(other => other.Line > claim.Line && other.Line.KeyUs < end))
            .OfType<ResourceClaim>()];
    }

    // A copy: whoever looks at it does so outside the lock.
    private PoolSnapshot Picture() => new(
        clock.GetUtcNow(),
        [
            .. _pool.Agents.Values.OrderBy(agent => agent.Id, StringComparer.Ordinal)
                .Select(agent => new PoolAgent(agent.Facts,
                    new AgentLedger(agent.Ledger.Declared, agent.Ledger.Used, devices: agent.Ledger.Devices, taken: agent.Ledger.Taken))),
        ],
        [.. _pool.Agents.Values.SelectMany(agent => agent.Ledger.Holds.Keys).Select(attempt => _pool.Reservations[attempt])])
    {
        Scene = _pool.Scene with { Use = _pool.Use.ToDictionary(StringComparer.Ordinal) },
        Reports = [.. _reports.Values],
    };

    private (PoolAnswer Answer, List<Outgoing> Messages) Decide(PoolOperation operation)
    {
        lock (_lock)
        {
            var answer = _pool.Do(operation, clock.GetUtcNow());
            var changes = _pool.TakeChanges();
            foreach (var (type, took) in changes.Runs) { _pool.Scene.Rules.RunTimes.Add(type, took); }
            foreach (var report in changes.Reports.Values) { _reports[report.AgentId] = report; }
            foreach (var closed in changes.Reservations.Where(attempt => !_pool.Reservations[attempt].Active))
            {
                _closed.Enqueue(closed);
            }

            while (_closed.Count > options.Value.RememberClosed) { _pool.Forget(_closed.Dequeue()); }
            return (answer, changes.Sayings.ConvertAll(said =>
                Outgoing.Command(said.To, said.Message, clock) with { TraceParent = said.TraceParent }));
        }
    }
}
