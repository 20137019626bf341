using A2A.Micro.AgentSdk.Offers;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk;

/// <summary>An agent as its author described it.</summary>
internal sealed record AgentDefinition(
    string AgentId, AgentCapacity Capacity, string? Version, IReadOnlyList<HandlerBinding> Handlers)
{
    /// <summary>The handler of a type: a literal before a pattern, a longer pattern before a shorter one.</summary>
    public HandlerBinding? Find(string taskType) => Handlers
        .Where(handler => TypePattern.Covers(handler.Pattern, taskType))
        .OrderByDescending(handler => handler.Pattern == taskType)
        .ThenByDescending(handler => handler.Pattern.Length)
        .FirstOrDefault();
}
