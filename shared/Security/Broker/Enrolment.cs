using System.Globalization;

namespace A2A.Micro.Security.Broker;

/// <summary>What an operator does at the broker about an agent, as arguments of <c>rabbitmqctl</c>. Pure.</summary>
public static class Enrolment
{
    /// <summary>An account that may do what an agent needs and nothing else (security 4). Harmless when it was done before, but for the password.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Enrol(string agentId, string virtualHost, string password) =>
    [
        ["add_user", AgentAccount.User(agentId), password],
        .. Restore(agentId, virtualHost),
        ["set_user_limits", AgentAccount.User(agentId), string.Create(CultureInfo.InvariantCulture,
            $$"""{"max-connections":{{AgentAccount.ConnectionsMax}},"max-channels":{{AgentAccount.ChannelsMax}}}""")],
    ];

    /// <summary>Gives a suspended agent its permissions back.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Restore(string agentId, string virtualHost) =>
    [
        ["set_permissions", "-p", virtualHost, AgentAccount.User(agentId), AgentAccount.Configure(agentId), AgentAccount.Write(agentId),
            AgentAccount.Read(agentId)],
    ];

    /// <summary>Takes everything away at once: permissions, then the connections that are open.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Suspend(string agentId, string virtualHost) =>
    [
        ["set_permissions", "-p", virtualHost, AgentAccount.User(agentId), "^$", "^$", "^$"],
        ["close_all_user_connections", AgentAccount.User(agentId), "suspended"],
    ];

    /// <summary>An account of a service: everything in its virtual host, and the right to park what an agent signed.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Service(string name, string virtualHost, string password) =>
    [
        ["add_user", "svc." + name, password],
        ["set_user_tags", "svc." + name, "impersonator"],
        ["set_permissions", "-p", virtualHost, "svc." + name, ".*", ".*", ".*"],
    ];
}
