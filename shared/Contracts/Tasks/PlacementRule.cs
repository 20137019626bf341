using System.Text.Json.Serialization;
using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>Which of the agents that fit is taken, as far as nothing else decides.</summary>
public enum PlacementStrategy
{
    /// <summary>A word of a newer version of the protocol; treated as <see cref="Spread"/>.</summary>
    Unknown = 0,

    /// <summary>The emptiest, so that tasks disturb each other least.</summary>
    Spread,

    /// <summary>The fullest, so that whole agents stay free for large tasks or can be switched off.</summary>
    Pack,
}

/// <summary>What becomes of a task that no agent which is known could ever run, however idle.</summary>
public enum OnInfeasible
{
    /// <summary>A word of a newer version of the protocol; treated as <see cref="Reject"/>.</summary>
    Unknown = 0,

    /// <summary>It is refused: over HTTP with 422, otherwise it ends <c>rejected</c>. The default.</summary>
    Reject,

    /// <summary>It waits for other agents, until its deadline.</summary>
    Wait,
}

/// <summary>Where a task may and should run, besides what it needs.</summary>
public sealed record PlacementRule
{
    /// <summary>Anywhere.</summary>
    public static PlacementRule Anywhere { get; } = new();

    /// <summary>All of these must hold; at most 64.</summary>
    public IReadOnlyList<LabelConstraint> Constraints { get; init; } = [];

    /// <summary>These should hold; at most 64.</summary>
    public IReadOnlyList<LabelPreference> Preferences { get; init; } = [];

    /// <summary>Which of those that are equally preferred; absent: packed if it asks for more than a slot, otherwise spread.</summary>
    public PlacementStrategy? Strategy { get; init; }

    /// <summary>What happens when nobody could ever run it; absent: <c>reject</c>.</summary>
    public OnInfeasible? OnInfeasible { get; init; }

    /// <summary>Whether its room may be taken for a more urgent task, and it goes on from its last checkpoint; absent: it may not.</summary>
    public bool? Preemptible { get; init; }

    /// <summary>Whether it says nothing.</summary>
    [JsonIgnore]
    public bool IsOpen =>
        Constraints.Count == 0 && Preferences.Count == 0 && Strategy is null && OnInfeasible is null && Preemptible is null;

    /// <summary>Whether an agent has every label that is asked for.</summary>
    public bool Allows(IAgentShape agent)
    {
        // No LINQ: this is asked for every agent and every claim of a round.
        for (var i = 0; i < Constraints.Count; i++)
        {
            if (!Constraints[i].Holds(agent)) { return false; }
        }

        return true;
    }

    /// <summary>How much an agent is preferred: the weights of what holds for it.</summary>
    public int Score(IAgentShape agent)
    {
        var score = 0;
        for (var i = 0; i < Preferences.Count; i++)
        {
            if (Preferences[i].Holds(agent)) { score += Preferences[i].Weight; }
        }

        return score;
    }

    /// <summary>What of it does not hold for an agent, in the order in which it was said.</summary>
    public IEnumerable<LabelConstraint> Unmet(IAgentShape agent) => Constraints.Where(constraint => !constraint.Holds(agent));

    /// <inheritdoc />
    public bool Equals(PlacementRule? other) =>
        other is not null && Constraints.SequenceEqual(other.Constraints) && Preferences.SequenceEqual(other.Preferences)
        && Strategy == other.Strategy && OnInfeasible == other.OnInfeasible && Preemptible == other.Preemptible;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Constraints.Count, Preferences.Count, Strategy, OnInfeasible);
}
