using System.Globalization;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Contracts.Resources;

/// <summary>Whether anybody who is known could ever run a task, however idle (experience B3). Pure.</summary>
public static class Feasibility
{
    /// <summary>
    /// Why nobody could. Null when somebody could, and when nobody is known who does this work and may be asked: agents may come, and a
    /// system that has just started knows none.
    /// </summary>
    /// <param name="demand">What is asked for.</param>
    /// <param name="known">Every agent that counts as one that is here or may come back.</param>
    public static Infeasibility? Of(IRoomDemand demand, IEnumerable<IAgentShape> known)
    {
        List<IAgentShape> labelled = [], small = [];
        foreach (var agent in known)
        {
            switch (AgentFit.Of(demand, agent))
            {
                case Misfit.None: return null;
                case Misfit.Label: labelled.Add(agent); break;
                case Misfit.TooSmall: small.Add(agent); break;
                default: break;
            }
        }

        return small.Count > 0 ? TooSmall(demand, small, labelled.Count) : labelled.Count > 0 ? NoLabel(demand, labelled) : null;
    }

    /// <summary>So many agents, for a person.</summary>
    public static string Agents(int count, string taskType) =>
        count == 1 ? $"1 agent that handles {taskType}" : $"{count} agents that handle {taskType}";

    private static Infeasibility NoLabel(IRoomDemand demand, List<IAgentShape> agents)
    {
        var unmet = agents.SelectMany(demand.Placement.Unmet).GroupBy(constraint => constraint)
            .Select(same => $"label {same.Key} excludes {same.Count()}");
        return new Infeasibility(
            "NO_AGENT_MATCHES_CONSTRAINTS", $"{string.Join(", ", unmet)} of {Agents(agents.Count, demand.TaskType)}", "label");
    }

    private static Infeasibility TooSmall(IRoomDemand demand, List<IAgentShape> agents, int labelled)
    {
        var shortages = Dimension.All
            .Where(dimension => agents.TrueForAll(agent => dimension.Of(agent.Size) < dimension.Of(demand.Wanted))).ToList();
        var others = labelled > 0 ? $"; {labelled} more excluded by label" : "";
        var among = Agents(agents.Count, demand.TaskType);
        if (shortages.Count == 0)
        {
            return new Infeasibility(
                "INFEASIBLE", $"no single one of {among} has everything that is asked for together{others}", "combination");
        }

        var sentence = string.Join("; ", shortages.Select(dimension =>
            $"{dimension.Field} {Number(dimension.Outside(demand.Wanted))} > {Number(agents.Max(agent => dimension.Outside(agent.Size)))}"));
        return new Infeasibility("INFEASIBLE", $"{sentence}, the largest of {among}{others}", shortages[0].Field);
    }

    private static string Number(double amount) => amount.ToString("0.###", CultureInfo.InvariantCulture);
}

/// <summary>Why nobody who is known could ever run a task.</summary>
/// <param name="Code"><c>INFEASIBLE</c> (too large) or <c>NO_AGENT_MATCHES_CONSTRAINTS</c>.</param>
/// <param name="Sentence">For a person; names what is missing and how much there is.</param>
/// <param name="Missing">The dimension that decides, as in requirements; <c>label</c>, or <c>combination</c>.</param>
public sealed record Infeasibility(string Code, string Sentence, string Missing);
