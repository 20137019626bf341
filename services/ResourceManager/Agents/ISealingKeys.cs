namespace A2A.Micro.ResourceManager.Agents;

/// <summary>By which key each agent can be told secrets. Two implementations of one behaviour: what an older start says changes nothing.</summary>
public interface ISealingKeys
{
    /// <summary>Keeps what an agent announced; null: it can be told none.</summary>
    Task Keep(string agentId, long incarnation, string? key, CancellationToken cancellation);

    /// <summary>What its latest start announced; null: nothing.</summary>
    Task<string?> Find(string agentId, CancellationToken cancellation);
}
