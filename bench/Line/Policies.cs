using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.Bench.Line;

/// <summary>Decides in a simulation who starts where.</summary>
public interface ISimPolicy
{
    /// <summary>What the report calls it.</summary>
    string Name { get; }

    /// <summary>A task joins the line, for the first time or again.</summary>
    SimStep Arrive(SimTask task, double nowS);

    /// <summary>An attempt has ended.</summary>
    SimStep End(AttemptKey attempt, double nowS);

    /// <summary>The sweep, every five seconds.</summary>
    SimStep Sweep(double nowS);
}

/// <summary>What a policy decided.</summary>
/// <param name="Started">Who starts.</param>
/// <param name="Asked">Who is asked to save its work and make room.</param>
public readonly record struct SimStep(IReadOnlyList<AttemptKey> Started, IReadOnlyList<AttemptKey> Asked);

/// <summary>What the ResourceManager does: the very code.</summary>
public sealed class PoolPolicy : ISimPolicy
{
    private readonly Pool _pool;
    private readonly LineRules _rules;
    private readonly PlacementRule _firm;
    private readonly PlacementRule _yielding;

    /// <summary>With a fleet and rules.</summary>
    /// <param name="name">What the report calls it.</param>
    /// <param name="fleet">The agents.</param>
    /// <param name="rules">What governs the line.</param>
    /// <param name="strategy">What every task asks for among the agents that fit; null: nothing.</param>
    /// <param name="preempts">Whether tasks that may make room say so.</param>
    public PoolPolicy(string name, IEnumerable<Announcement> fleet, LineRules rules, PlacementStrategy? strategy = null, bool preempts = false)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        (Name, _rules, _pool) = (name, rules, new Pool(TimeSpan.FromDays(1), rules));
        _firm = new PlacementRule { Strategy = strategy };
        _yielding = preempts ? _firm with { Preemptible = true } : _firm;
        foreach (var agent in fleet) { _ = Do(new PoolOperation.Announce(agent), 0); }
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public SimStep Arrive(SimTask task, double nowS) =>
        Do(new PoolOperation.ClaimRoom(task.Claim with { Placement = task.Yields ? _yielding : _firm }), nowS);

    /// <inheritdoc />
    public SimStep End(AttemptKey attempt, double nowS) => Do(new PoolOperation.ReleaseRoom(attempt), nowS);

    /// <inheritdoc />
    public SimStep Sweep(double nowS) => Do(new PoolOperation.Reap(TimeSpan.FromDays(36_500)), nowS);

    private SimStep Do(PoolOperation operation, double nowS)
    {
        _ = _pool.Do(operation, Workload.Start.AddSeconds(nowS));
        var changes = _pool.TakeChanges();
        foreach (var (type, took) in changes.Runs) { _rules.RunTimes.Add(type, took); }
        return new SimStep(
            [.. changes.Entries.Where(entry => entry.Delta.Slots > 0).Select(entry => entry.Attempt)],
            [.. changes.Sayings.Select(said => said.Message).OfType<PreemptAttempt>().Select(asked => new AttemptKey(asked.TaskId, asked.Attempt))]);
    }
}

/// <summary>The two baselines: one queue whose first waits until it fits, and everybody who fits at once on the fullest agent.</summary>
public sealed class SimplePolicy : ISimPolicy
{
    private readonly bool _blocks;
    private readonly List<PoolAgent> _agents;
    private readonly LinkedList<SimTask> _line = new();
    private readonly Dictionary<AttemptKey, PoolAgent> _where = [];

    /// <summary>With a fleet.</summary>
    /// <param name="name">What the report calls it.</param>
    /// <param name="fleet">The agents.</param>
    /// <param name="blocks">Whether the first in the line holds up everybody behind it.</param>
    public SimplePolicy(string name, IEnumerable<Announcement> fleet, bool blocks)
    {
        (Name, _blocks) = (name, blocks);
        _agents = [.. fleet.Select(agent => new PoolAgent(AgentFacts.Of(agent, Standing.Online, Workload.Start), new AgentLedger(agent.Capacity)))];
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public SimStep Arrive(SimTask task, double nowS)
    {
        _ = _line.AddLast(task);
        return Deal();
    }

    /// <inheritdoc />
    public SimStep End(AttemptKey attempt, double nowS)
    {
        _ = _where.Remove(attempt, out var agent);
        _ = agent!.Ledger.Release(attempt);
        return Deal();
    }

    /// <inheritdoc />
    public SimStep Sweep(double nowS) => new([], []);

    private SimStep Deal()
    {
        var (started, full) = (new List<AttemptKey>(), new HashSet<Quantities>());
        for (var node = _line.First; node is not null;)
        {
            var (task, next) = (node.Value, node.Next);
            if (full.Contains(task.Claim.Wanted) || Find(task.Claim.Wanted) is not { } agent)
            {
                if (_blocks) { break; }
                _ = full.Add(task.Claim.Wanted);
            }
            else
            {
                _ = agent.Ledger.Allocate(task.Claim.Attempt, task.Claim.Wanted);
                _where.Add(task.Claim.Attempt, agent);
                started.Add(task.Claim.Attempt);
                _line.Remove(node);
            }

            node = next;
        }

        return new SimStep(started, []);
    }

    // The agent on which the least is left.
    private PoolAgent? Find(Quantities wanted) => _agents
        .Where(agent => wanted.FitsIn(agent.Ledger.Free))
        .MinBy(agent => FairShare.Dominant(agent.Ledger.Free - wanted, agent.Ledger.Declared));
}
