using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The agents that matter to a class of claims. Which could take it when they are idle does not change with what is held on them: it is sorted
/// out once, and what is asked again and again is only whether there is room.
/// </summary>
public sealed class Candidates
{
    private readonly DateTimeOffset _since;
    private readonly string _taskType;

    private Candidates(ResourceClaim claim, IEnumerable<PoolAgent> agents, DateTimeOffset knownSince)
    {
        (_since, _taskType) = (DateTimeOffset.MaxValue, claim.TaskType);
        foreach (var agent in agents)
        {
            if (!agent.CountsSince(knownSince)) { continue; }
            var misfit = AgentFit.Of(claim, agent);
            if (misfit is Misfit.OtherType or Misfit.NotAsked) { continue; }
            if (agent.Facts.Standing != Standing.Online && agent.Facts.LastSeenAt < _since) { _since = agent.Facts.LastSeenAt; }
            Asked.Add(agent);
            if (!agent.TakesWork) { continue; }
            Working.Add(agent);
            if (misfit == Misfit.None) { Fitting.Add(agent); }
        }

        Never = Working.Count > 0 && Working.TrueForAll(agent => claim.Excluded.Contains(agent.Id))
            ? Refusal.Final("EXCLUDED", $"every online agent that handles {claim.TaskType} rejected it: "
                + string.Join(", ", Working.Select(agent => agent.Id).Order(StringComparer.Ordinal)))
            : Fitting.Count > 0 ? null
            : Feasibility.Of(claim, Asked) is { } never ? Refusal.Final(never.Code, never.Sentence, never.Missing)
            : null;
    }

    /// <summary>Those that do the work, may be asked, and are here or may come back.</summary>
    public List<PoolAgent> Asked { get; } = [];

    /// <summary>Of these, those that get work.</summary>
    public List<PoolAgent> Working { get; } = [];

    /// <summary>Of these, those that could take it when they are idle.</summary>
    public List<PoolAgent> Fitting { get; } = [];

    /// <summary>Why waiting does not help; null when it may.</summary>
    public Refusal? Never { get; }

    /// <summary>What is said while none of those that could take it has a slot free: the same to each claim of the class.</summary>
    public Refusal NoSlot =>
        field ??= Refusal.ForNow("AGENT_CAPACITY", $"all slots of {Feasibility.Agents(Fitting.Count, _taskType)} are taken");

    /// <summary>Sorts the agents out.</summary>
    /// <param name="claim">Any claim of the class.</param>
    /// <param name="agents">Every agent that is known.</param>
    /// <param name="knownSince">An agent that was last heard before this does not count as one that could come back.</param>
    public static Candidates Of(ResourceClaim claim, IEnumerable<PoolAgent> agents, DateTimeOffset knownSince) => new(claim, agents, knownSince);

    /// <summary>Whether none of those that may come back has been away for too long since.</summary>
    public bool HoldsSince(DateTimeOffset knownSince) => knownSince <= _since;
}

/// <summary>The fleet as classes of claims see it, remembered until an agent changes in another way than by what is held on it.</summary>
/// <param name="agents">Every agent that is known.</param>
/// <param name="clock">Goes on with every such change.</param>
internal sealed class FleetMemory(IReadOnlyDictionary<string, PoolAgent> agents, FleetClock clock)
{
    private const int ClassesMax = 10_000;

    private readonly Dictionary<Guid, Candidates> _known = [];
    private Quantities? _size;
    private long _at;

    /// <summary>What all agents that are online can hold.</summary>
    public Quantities Size
    {
        get
        {
            Refresh();
            return _size ??= agents.Values.Where(agent => agent.Facts.Standing == Standing.Online)
                .Aggregate(Quantities.None, (sum, agent) => sum + agent.Ledger.Declared);
        }
    }

    /// <summary>The agents that matter to a claim.</summary>
    public Candidates Of(ResourceClaim claim, DateTimeOffset knownSince)
    {
        Refresh();
        if (_known.TryGetValue(claim.Class, out var known) && known.HoldsSince(knownSince)) { return known; }
        if (_known.Count >= ClassesMax) { _known.Clear(); }
        return _known[claim.Class] = Candidates.Of(claim, agents.Values, knownSince);
    }

    private void Refresh()
    {
        if (_at == clock.Now) { return; }
        (_at, _size) = (clock.Now, null);
        _known.Clear();
    }
}

/// <summary>Counts how often agents of a pool came or became other ones.</summary>
internal sealed class FleetClock
{
    /// <summary>How often.</summary>
    public long Now { get; private set; } = 1;

    /// <summary>Once more.</summary>
    public void Tick() => Now++;
}
