using A2A.Micro.Security.Signing;

namespace A2A.Micro.Security.Broker;

/// <summary>What an agent is called at the broker, and what it may do there (security 4). Pure.</summary>
public static class AgentAccount
{
    /// <summary>Most connections of one agent.</summary>
    public const int ConnectionsMax = 2;

    /// <summary>Most channels of one agent.</summary>
    public const int ChannelsMax = 10;

    private const string Prefix = "agent.";
    private const string Suffix = ".out";

    /// <summary>The account.</summary>
    public static string User(string agentId) => Prefix + Checked(agentId);

    /// <summary>The exchange through which it speaks, and nobody else.</summary>
    public static string Out(string agentId) => Prefix + Checked(agentId) + Suffix;

    /// <summary>Whose way out an exchange is; null: nobody's.</summary>
    public static string? OwnerOf(string? exchange) =>
        exchange is not null && exchange.StartsWith(Prefix, StringComparison.Ordinal) && exchange.EndsWith(Suffix, StringComparison.Ordinal)
        && exchange.Length > Prefix.Length + Suffix.Length && exchange[Prefix.Length..^Suffix.Length] is var id && KeyNames.IsAgent(id)
            ? id
            : null;

    /// <summary>What it may declare and delete: its own queues, what of them failed, and its way out.</summary>
    public static string Configure(string agentId) => $@"^agent\.{Checked(agentId)}((\.control)?(_error|_skipped)?|\.out)$";

    /// <summary>Where it may publish.</summary>
    public static string Write(string agentId) => Configure(agentId);

    /// <summary>What it may consume.</summary>
    public static string Read(string agentId) => $@"^agent\.{Checked(agentId)}(\.control)?(_error|_skipped)?$";

    // The only characters in it that a pattern knows are dashes, which mean nothing outside of brackets.
    private static string Checked(string agentId) => KeyNames.IsAgent(agentId)
        ? agentId
        : throw new SecurityBreachException("an agent with an account of its own has an id of 1 to 40 characters from a-z 0-9 -");
}
