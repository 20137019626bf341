using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Contracts.Resources;

/// <summary>What a submission asks of an agent, before anybody has rejected it.</summary>
/// <param name="TaskType">What the agent must be able to do.</param>
/// <param name="Wanted">How much.</param>
/// <param name="Pin">The only agent that may take it.</param>
/// <param name="Placement">Which labels must and should be there.</param>
public sealed record TaskDemand(string TaskType, Quantities Wanted, string? Pin, PlacementRule Placement) : IRoomDemand
{
    /// <inheritdoc />
    public IReadOnlyList<string> Excluded => [];

    /// <summary>What a submission asks for.</summary>
    public static TaskDemand Of(SubmitTask task) => new(
        task.TaskType, Quantities.From(task.Requirements ?? new Requirements()), task.ResponderAgentId, task.Placement() ?? PlacementRule.Anywhere);
}
