using A2A.Micro.AgentSdk.Offers;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk;

/// <summary>An agent as its author described it.</summary>
internal sealed record AgentDefinition(
    string AgentId, AgentCapacity Capacity, string? Version, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<HandlerBinding> Handlers)
{
    /// <summary>What it can hold, with the GPUs that the operator names.</summary>
    public AgentCapacity CapacityBy(AgentOptions options) => options.NamedGpus is { Count: > 0 } devices
        ? Capacity with { GpuIds = devices, GpuUnits = devices.Count }
        : Capacity;

    /// <summary>Its labels, those of the operator over its own; null without any.</summary>
    public IReadOnlyDictionary<string, string>? LabelsBy(AgentOptions options)
    {
        var all = new Dictionary<string, string>(Labels, StringComparer.Ordinal);
        foreach (var (name, value) in options.NamedLabels) { all[name] = value; }
        return all.Count > 0 ? all : null;
    }

    /// <summary>The handler of a type: a literal before a pattern, a longer pattern before a shorter one, the newest version first.</summary>
    public HandlerBinding? Find(string taskType) => Handlers
        .Where(handler => handler.Covers(taskType))
        .OrderByDescending(handler => handler.Pattern == TaskTypeName.Split(taskType).Name)
        .ThenByDescending(handler => handler.Pattern.Length)
        .ThenByDescending(handler => handler.Version, Comparer<string?>.Create(TaskTypeName.CompareVersions))
        .FirstOrDefault();
}
