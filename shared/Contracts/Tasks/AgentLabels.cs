using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>What labels of agents look like, and how one is found.</summary>
public static class AgentLabels
{
    /// <summary>Most labels of one agent.</summary>
    public const int CountMax = 64;

    /// <summary>What a name looks like, for people.</summary>
    public const string NameForm = "1 to 63 characters from A-Z a-z 0-9 . _ / -";

    /// <summary>What a value looks like, for people.</summary>
    public const string ValueForm = "1 to 128 characters from A-Z a-z 0-9 . _ : / @ + -";

    /// <summary>Names that begin so are the system's: no agent announces them, every agent has them.</summary>
    public const string ReservedPrefix = "a2a.";

    /// <summary>The agent's id, as a label.</summary>
    public const string AgentId = ReservedPrefix + "agent_id";

    /// <summary>The version of the agent's program, as a label.</summary>
    public const string Version = ReservedPrefix + "version";

    /// <summary>No labels.</summary>
    public static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string>();

    /// <summary>Whether a text may name a label.</summary>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= 63 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '/' or '-');

    /// <summary>Whether a text may be the value of a label.</summary>
    public static bool IsValue(string? value) =>
        value is { Length: > 0 and <= 128 } && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '/' or '@' or '+' or '-');

    /// <summary>The value of a label of an agent; null when it has none of this name.</summary>
    public static string? Find(IAgentShape agent, string label) => label switch
    {
        AgentId => agent.AgentId,
        Version => agent.Version,
        _ => agent.Labels.GetValueOrDefault(label),
    };
}
