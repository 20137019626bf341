using A2A.Micro.AgentSdk.Offers;
using A2A.Micro.AgentSdk.Presence;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.AgentSdk;

/// <summary>
/// An agent as a module: announces itself, listens on its two queues, runs and reports. Several may live in one host, so all
/// that belongs to one agent is registered under its id.
/// </summary>
/// <example>
/// <code>
/// await MicroHost.Run(args, new AgentModule("greeter-01", agent => agent
///     .Slots(4)
///     .Handle&lt;Greeting, Answer&gt;("demo.greet", async (job, context) => new Answer($"Hello, {job.Name}"))));
/// </code>
/// </example>
public sealed class AgentModule : IModule
{
    private readonly AgentDefinition agent;
    private readonly Action<IServiceCollection, IConfiguration>? services;

    /// <param name="agentId">1..64 characters of <c>[A-Za-z0-9._-]</c>, unique in the installation; names the agent's queues.</param>
    /// <param name="describe">What it can hold and do.</param>
    /// <param name="services">What its handlers need from the container.</param>
    /// <exception cref="ArgumentException">The id or a task type is malformed.</exception>
    public AgentModule(
        string agentId, Action<AgentBuilder> describe, Action<IServiceCollection, IConfiguration>? services = null)
    {
        ArgumentNullException.ThrowIfNull(describe);
        var builder = new AgentBuilder();
        describe(builder);
        agent = builder.Build(agentId);
        this.services = services;
    }

    /// <inheritdoc />
    public string Name => agent.AgentId;

    /// <inheritdoc />
    public bool KeepsFacts => false;

    /// <inheritdoc />
    public string? AgentId => agent.AgentId;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services, HostSetup setup)
    {
        services.TryAddSingleton(TimeProvider.System);
        _ = services.AddOptions<AgentOptions>()
            .Bind(setup.Configuration.GetSection(AgentOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        // The host must not give up on an agent that still drains.
        _ = services.AddOptions<HostOptions>().PostConfigure<IOptions<AgentOptions>>(static (host, agent) =>
            host.ShutdownTimeout = TimeSpan.FromTicks(
                Math.Max(host.ShutdownTimeout.Ticks, (agent.Value.Grace + TimeSpan.FromSeconds(20)).Ticks)));
        _ = services.AddKeyedSingleton(Name, static (_, _) => new Queues());
        _ = services.AddKeyedSingleton(Name, (provider, _) => new AgentRuntime(
            agent,
            provider.GetRequiredService<IOptions<AgentOptions>>().Value,
            new BusVoice(provider, Name),
            provider,
            provider.GetRequiredService<TimeProvider>(),
            Log(provider)));
        _ = services.AddSingleton<IHostedService>(provider => new AgentService(
            provider.GetRequiredKeyedService<AgentRuntime>(Name),
            provider.GetRequiredKeyedService<Queues>(Name),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<TimeProvider>(),
            Log(provider)));
        this.services?.Invoke(services, setup.Configuration);
    }

    /// <inheritdoc />
    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
    {
        // Its consumers belong to its own queues: AddEndpoints.
    }

    /// <inheritdoc />
    public void AddEndpoints(IBusFactoryConfigurator bus, IBusRegistrationContext context)
    {
        var provider = context.GetRequiredService<IServiceProvider>();
        var runtime = provider.GetRequiredKeyedService<AgentRuntime>(Name);
        var queues = provider.GetRequiredKeyedService<Queues>(Name);
        bus.ReceiveEndpoint(Endpoints.Agent(Name), endpoint => Listen(endpoint, queues, new OfferInbox(runtime)));
        bus.ReceiveEndpoint(
            Endpoints.AgentControl(Name), endpoint =>
            {
                Listen(endpoint, queues, new ControlInbox(runtime));
                endpoint.Instance(new AnswerInbox(runtime));
            });
    }

    private static void Listen<TConsumer>(IReceiveEndpointConfigurator endpoint, Queues queues, TConsumer consumer)
        where TConsumer : class, IConsumer
    {
        // Messages come to this queue by name; bound by type, every agent would get every agent's offers.
        endpoint.ConfigureConsumeTopology = false;
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit) { rabbit.SetQuorumQueue(1); }
        _ = endpoint.ConnectReceiveEndpointObserver(queues);
        endpoint.Instance(consumer);
    }

    private ILogger Log(IServiceProvider provider) =>
        provider.GetRequiredService<ILoggerFactory>().CreateLogger("A2A.Micro.Agent." + Name);
}
