using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Contracts.Resources;

/// <summary>What an agent is, whoever stands on it now.</summary>
public interface IAgentShape
{
    /// <summary>Its id.</summary>
    string AgentId { get; }

    /// <summary>Types and patterns it handles.</summary>
    IReadOnlyList<string> TaskTypes { get; }

    /// <summary>Its labels.</summary>
    IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>Version of its program.</summary>
    string? Version { get; }

    /// <summary>What it can hold when it is empty.</summary>
    Quantities Size { get; }
}

/// <summary>What a task asks of an agent.</summary>
public interface IRoomDemand
{
    /// <summary>What the agent must be able to do.</summary>
    string TaskType { get; }

    /// <summary>How much.</summary>
    Quantities Wanted { get; }

    /// <summary>The only agent that may take it.</summary>
    string? Pin { get; }

    /// <summary>Agents that rejected it.</summary>
    IReadOnlyList<string> Excluded { get; }

    /// <summary>Which labels must and should be there.</summary>
    PlacementRule Placement { get; }
}

/// <summary>Why an agent could not run a task even if it were idle.</summary>
public enum Misfit
{
    /// <summary>It could.</summary>
    None = 0,

    /// <summary>It does other work.</summary>
    OtherType,

    /// <summary>The task is for another agent.</summary>
    NotAsked,

    /// <summary>It rejected the task.</summary>
    Rejected,

    /// <summary>A label is missing or says something else.</summary>
    Label,

    /// <summary>It is too small.</summary>
    TooSmall,
}

/// <summary>
/// THE fit function, of which every other question about fitting is a part: placement, explanation, forecast, the check at submission and the
/// dry run all ask here. Pure.
/// </summary>
public static class AgentFit
{
    /// <summary>Why an agent could not run a task even if it were idle; the first that applies, in the order of <see cref="Misfit"/>.</summary>
    public static Misfit Of(IRoomDemand demand, IAgentShape agent) =>
        !Covers(agent, demand.TaskType) ? Misfit.OtherType
        : demand.Pin is { } pin && pin != agent.AgentId ? Misfit.NotAsked
        : demand.Excluded.Contains(agent.AgentId) ? Misfit.Rejected
        : !demand.Placement.Allows(agent) ? Misfit.Label
        : !demand.Wanted.FitsIn(agent.Size) ? Misfit.TooSmall
        : Misfit.None;

    /// <summary>Whether an agent does this kind of work.</summary>
    public static bool Covers(IAgentShape agent, string taskType)
    {
        for (var i = 0; i < agent.TaskTypes.Count; i++)
        {
            if (TypePattern.Covers(agent.TaskTypes[i], taskType)) { return true; }
        }

        return false;
    }
}
