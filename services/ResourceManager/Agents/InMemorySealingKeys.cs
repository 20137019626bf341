using System.Collections.Concurrent;

namespace A2A.Micro.ResourceManager.Agents;

/// <inheritdoc />
public sealed class InMemorySealingKeys : ISealingKeys
{
    private readonly ConcurrentDictionary<string, (long Incarnation, string? Key)> _keys = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public Task Keep(string agentId, long incarnation, string? key, CancellationToken cancellation)
    {
        _ = _keys.AddOrUpdate(agentId, (incarnation, key), (_, known) => known.Incarnation > incarnation ? known : (incarnation, key));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<string?> Find(string agentId, CancellationToken cancellation) =>
        Task.FromResult(_keys.TryGetValue(agentId, out var known) ? known.Key : null);
}
