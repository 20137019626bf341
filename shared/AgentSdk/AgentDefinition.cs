using A2A.Micro.AgentSdk.Offers;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk;

/// <summary>An agent as its author described it.</summary>
internal sealed record AgentDefinition(
    string AgentId, AgentCapacity Capacity, string? Version, IReadOnlyList<HandlerBinding> Handlers)
{
    /// <summary>The handler of a type: a literal before a pattern, a longer pattern before a shorter one, the newest version first.</summary>
    public HandlerBinding? Find(string taskType) => Handlers
        .Where(handler => handler.Covers(taskType))
        .OrderByDescending(handler => handler.Pattern == TaskTypeName.Split(taskType).Name)
        .ThenByDescending(handler => handler.Pattern.Length)
        .ThenByDescending(handler => handler.Version, Comparer<string?>.Create(TaskTypeName.CompareVersions))
        .FirstOrDefault();
}
