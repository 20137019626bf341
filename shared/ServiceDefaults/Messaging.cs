using A2A.Micro.Persistence.Lanes;
using A2A.Micro.ServiceDefaults.Broker;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// The bus of a host, the same for both transports: what a module registers runs on either. Modules name their endpoints in the
/// definitions of their consumers; everything else about an endpoint is decided here (reliability 5).
/// </summary>
public static class Messaging
{
    private static readonly TimeSpan StartOrStop = TimeSpan.FromSeconds(30);

    /// <summary>Adds the bus with the consumers of all modules.</summary>
    public static IServiceCollection AddMessaging(
        this IServiceCollection services, HostSetup setup, MessagingOptions options, IReadOnlyList<IModule> modules)
    {
        var identity = BrokerSetup.Of(setup, options, modules);
        services.AddBrokerIdentity(identity, options, modules);
        // An agent with an account of its own may declare its own queues and no other.
        var hasCanary = setup.Transport == TransportKind.RabbitMq && identity?.AgentId is null;
        _ = services.AddSingleton<ConsumerGuard>().AddSingleton<EventAudience>();
        _ = services.AddOptions<EventOptions>().BindConfiguration(EventOptions.Section).ValidateDataAnnotations()
            .Validate(events => events.Topics.All(one => one.IsSound), EventOptions.TopicsRule).ValidateOnStart();
        _ = services.Configure<MassTransitHostOptions>(host =>
        {
            host.WaitUntilStarted = false; // HTTP serves while the broker is down; readiness says so
            host.StartTimeout = StartOrStop;
            host.StopTimeout = StartOrStop;
        });
        _ = services.Configure<UsageTelemetryOptions>(usage => usage.Enabled = false); // nothing leaves the installation
        // Company saves a broker's work; inside the process there is none to save.
        _ = setup.Transport == TransportKind.RabbitMq
            ? services.AddSingleton<ILane, BulkLane>()
            : services.AddSingleton<ILane, DirectLane>();
        if (hasCanary) { _ = services.AddSingleton<Canary>().AddHealthChecks().AddCheck<CanaryCheck>("canary", tags: [Health.ReadyTag]); }
        if (setup.Transport == TransportKind.RabbitMq)
        {
            _ = services.AddSingleton<IHostedService>(provider => BusWatchdog.Over(
                provider.GetRequiredService<IBusControl>(), options, provider.GetRequiredService<IHostApplicationLifetime>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<BusWatchdog>>()));
        }

        return services.AddMassTransit(bus =>
        {
            bus.SetKebabCaseEndpointNameFormatter();
            _ = bus.AddSendObserver<TraceHeaders>();
            _ = bus.AddPublishObserver<TraceHeaders>();
            _ = bus.AddSendObserver<OutboundGuard>();
            _ = bus.AddPublishObserver<OutboundGuard>();
            if (identity is not null) { _ = bus.AddSendObserver<MessageSigner>(); }
            foreach (var module in modules) { module.AddConsumers(bus, setup); }
            if (hasCanary) { bus.AddCanary(); }
            if (setup.Transport == TransportKind.InMemory)
            {
                bus.UsingInMemory((context, cfg) =>
                {
                    Shape(cfg, context, options, modules);
                    cfg.ConfigureEndpoints(context);
                });
            }
            else
            {
                bus.UsingRabbitMq((context, cfg) =>
                {
                    Connect(cfg, options);
                    Shape(cfg, context, options, modules);
                    cfg.ConfigureEndpoints(context);
                });
            }
        });
    }

    private static void Connect(IRabbitMqBusFactoryConfigurator cfg, MessagingOptions options)
    {
        var nodes = options.Nodes();
        cfg.Host(nodes[0].Host, (ushort)nodes[0].Port, options.VirtualHost, host =>
        {
            host.Username(options.User);
            host.Password(options.Password);
            host.Heartbeat(TimeSpan.FromSeconds(options.HeartbeatSeconds));
            host.PublisherConfirmation = true;
            if (options.Tls) { host.UseSsl(tls => tls.ServerName = nodes[0].Host); }
            if (nodes.Count > 1)
            {
                host.UseCluster(cluster => { foreach (var node in nodes) { cluster.Node($"{node.Host}:{node.Port}"); } });
            }
        });
    }

    private static void Shape(
        IBusFactoryConfigurator cfg, IBusRegistrationContext context, MessagingOptions options, IReadOnlyList<IModule> modules)
    {
        cfg.ConfigureJsonSerializerOptions(BusJson.Once);
        cfg.AddDeserializer(new AnyForm(), isDefault: true);
        cfg.AddSerializer(new AnyForm());
        cfg.PrefetchCount = options.PrefetchCount;
        // Filters of the bus surround those of an endpoint: guard, then trace, then the endpoint's own retries, then the consumer.
        cfg.UseFilter(context.GetRequiredService<ConsumerGuard>());
        cfg.UseFilter(new TraceContinuation());
        var limit = TimeSpan.FromSeconds(context.GetRequiredService<IOptions<MicroHostOptions>>().Value.ConsumerLimitSeconds);
        var limits = new ConsumerLimit(limit);
        _ = cfg.ConnectConsumerConfigurationObserver(limits);
        _ = cfg.ConnectSagaConfigurationObserver(limits);
        _ = cfg.ConnectEndpointConfigurationObserver(new EndpointDefaults(options, MessageGate.Over(context)));
        foreach (var module in modules) { module.AddEndpoints(cfg, context); }
    }
}
