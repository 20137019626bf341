using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.ResourceManager.Agents;

/// <summary>What all agents together announce. Pure.</summary>
public static class TypeDirectory
{
    private static readonly JsonSerializerOptions Tolerant = new(WireJson.Options) { AllowDuplicateProperties = true, MaxDepth = 128 };

    /// <summary>Each different announcement once, with everybody who makes it; by type and version, agents by id.</summary>
    public static TaskTypeList Of(IEnumerable<KnownAgent> agents)
    {
        var announcements = new Dictionary<string, (AgentCapability What, List<TypeAgent> Who)>(StringComparer.Ordinal);
        var all = agents.OrderBy(agent => agent.Who.AgentId, StringComparer.Ordinal).ToList();
        foreach (var agent in all)
        {
            foreach (var capability in JsonSerializer.Deserialize<List<AgentCapability>>(agent.CapabilitiesJson, Tolerant) ?? [])
            {
                var key = JsonSerializer.Serialize(capability, Tolerant);
                if (!announcements.TryGetValue(key, out var known)) { announcements[key] = known = (capability, []); }
                known.Who.Add(agent.Who);
            }
        }

        return new TaskTypeList
        {
            Types =
            [
                .. announcements.Values.Select(one => new AnnouncedType { Capability = one.What, Agents = one.Who })
                    .OrderBy(type => type.Capability.TaskType, StringComparer.Ordinal)
                    .ThenBy(type => type.Capability.Version, Comparer<string?>.Create(TaskTypeName.CompareVersions)),
            ],
            Agents = [.. all.Select(agent => agent.Profile).OfType<AgentProfile>()],
        };
    }
}

/// <summary>An agent with what it announced.</summary>
/// <param name="Who">The agent.</param>
/// <param name="CapabilitiesJson">Its capabilities as it said them.</param>
/// <param name="Profile">What it is; null when it was heard of too long ago to count.</param>
public sealed record KnownAgent(TypeAgent Who, string CapabilitiesJson, AgentProfile? Profile = null);
