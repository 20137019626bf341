using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.ResourceManager.Agents;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>The pool inside the process: one lock instead of one transaction.</summary>
public sealed class InMemoryPool(
    IOutbox<ResourceManagerDb> outbox,
    IOptions<ResourceManagerOptions> options,
    TimeProvider clock) : OperatedPool
{
    private readonly Pool _pool = new(options.Value.KnownFor);
    private readonly Queue<AttemptKey> _closed = new();
    private readonly Lock _lock = new();

    /// <inheritdoc />
    public override Task<IReadOnlyList<AgentView>> Agents(CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<AgentView>>(
            [
                .. _pool.Agents.Values.OrderBy(agent => agent.Id, StringComparer.Ordinal).Select(agent =>
                    View(agent.Facts, agent.Ledger.Declared, agent.Ledger.Used, agent.Ledger.Holds.Keys)),
            ]);
        }
    }

    /// <inheritdoc />
    public override Task<IReadOnlyList<KnownAgent>> Announced(CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<KnownAgent>>(
            [
                .. _pool.Agents.Values.Select(agent => agent.Facts)
                    .Select(agent => Known(agent.Id, agent.Standing.Word(), agent.LastSeenAt, agent.CapabilitiesJson)),
            ]);
        }
    }

    /// <inheritdoc />
    public override Task<Refusal?> Explain(string taskId, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var claim = _pool.Line.InOrder.FirstOrDefault(claim => claim.Attempt.TaskId == taskId);
            return Task.FromResult(claim is null ? null : _pool.WhyNot(claim, clock.GetUtcNow()));
        }
    }

    /// <inheritdoc />
    protected override async Task<PoolAnswer> Run(PoolOperation operation, CancellationToken cancellation)
    {
        var (answer, messages) = Decide(operation);
        if (messages.Count > 0) { await outbox.Committed(messages, cancellation).ConfigureAwait(false); }
        return answer;
    }

    private (PoolAnswer Answer, List<Outgoing> Messages) Decide(PoolOperation operation)
    {
        lock (_lock)
        {
            var answer = _pool.Do(operation, clock.GetUtcNow());
            var changes = _pool.TakeChanges();
            foreach (var closed in changes.Reservations.Where(attempt => !_pool.Reservations[attempt].Active))
            {
                _closed.Enqueue(closed);
            }

            while (_closed.Count > options.Value.RememberClosed) { _pool.Forget(_closed.Dequeue()); }
            return (answer, changes.Sayings.ConvertAll(said =>
                Outgoing.Command(Endpoints.Allocations, said.Message, clock) with { TraceParent = said.TraceParent }));
        }
    }
}
