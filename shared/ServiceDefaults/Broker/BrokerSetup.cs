using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Security;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Signing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.ServiceDefaults.Broker;

/// <summary>Puts the identity of this process at the broker together, or says why it has none.</summary>
internal static class BrokerSetup
{
    /// <summary>The identity; null where everybody who reaches the broker is believed.</summary>
    /// <exception cref="StartupRefusedException">Identities are asked for, and something of this one is missing.</exception>
    public static BrokerIdentity? Of(HostSetup setup, MessagingOptions broker, IReadOnlyList<IModule> modules)
    {
        var options = StartChecks.Bind<BrokerOptions>(setup.Configuration, BrokerOptions.Section);
        StartChecks.Validate(options, BrokerOptions.Section);
        if (setup.Transport != TransportKind.RabbitMq || !options.HasIdentities) { return null; }
        var agents = modules.Select(module => module.AgentId).OfType<string>().ToList();
        if (agents.Count > 0 && modules.Count > agents.Count) { throw Refuse("Security__Broker is identities: an agent runs in a process of its own."); }
        if (agents.Count > 1) { throw Refuse($"Security__Broker is identities: {string.Join(" and ", agents)} need a process each, with an account each."); }
        var agent = agents.FirstOrDefault();
        CheckAccount(broker, agent);
        if (string.IsNullOrWhiteSpace(options.TrustFile)) { throw Refuse("Security__TrustFile is not set: name the file that a2a agents enrol keeps."); }
        if (string.IsNullOrWhiteSpace(options.SigningKeyFile)) { throw Refuse("Security__SigningKeyFile is not set: name the private key of this process."); }
        try
        {
            return new BrokerIdentity(options, agent, TimeProvider.System);
        }
        catch (SecurityBreachException e)
        {
            throw Refuse(e.Message);
        }
    }

    /// <summary>What uses the identity.</summary>
    public static void AddBrokerIdentity(this IServiceCollection services, BrokerIdentity? identity, MessagingOptions broker, IReadOnlyList<IModule> modules)
    {
        if (identity is null) { return; }
        _ = services.AddSingleton(identity).AddSingleton<SecurityMetrics>();
        if (identity.Egress is { } egress)
        {
            _ = services.AddSingleton<Egress>(egress);
            return;
        }

        string[] endpoints = [.. modules.SelectMany(module => module.HearsAgentsAt)];
        if (endpoints.Length == 0) { return; }
        _ = services.AddSingleton<IHostedService>(provider => new AgentBindings(
            endpoints, identity, broker, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AgentBindings>>()));
    }

    private static void CheckAccount(MessagingOptions broker, string? agent)
    {
        if (agent is null)
        {
            if (!broker.User.StartsWith("svc.", StringComparison.Ordinal))
            {
                throw Refuse($"RabbitMq__User is '{broker.User}': with Security__Broker=identities the account of a service begins with svc.");
            }

            return;
        }

        if (!KeyNames.IsAgent(agent)) { throw Refuse($"Agent__Id is '{agent}': with Security__Broker=identities it has 1 to 40 characters from a-z 0-9 -."); }
        if (broker.User != AgentAccount.User(agent))
        {
            throw Refuse($"RabbitMq__User is '{broker.User}': with Security__Broker=identities agent {agent} connects as {AgentAccount.User(agent)}.");
        }
    }

    private static StartupRefusedException Refuse(string sentence) => new(sentence);
}
