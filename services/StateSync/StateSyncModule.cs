using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync.Events;
using A2A.Micro.StateSync.Queries;
using A2A.Micro.StateSync.Shared;
using A2A.Micro.StateSync.States;
using A2A.Micro.StateSync.Statistics;
using A2A.Micro.StateSync.Verification;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync;

/// <summary>
/// StateSync: the public truth about tasks. Hears steps of the Scheduler and reports of agents, keeps versioned documents with their
/// history, tells everybody that a version exists, and answers what it is.
/// </summary>
public sealed class StateSyncModule : IModule
{
    /// <inheritdoc />
    public string Name => "state-sync";

    /// <inheritdoc />
    public IEnumerable<string> HearsAgentsAt => [Endpoints.Status, Endpoints.SharedState];

    /// <inheritdoc />
    public void AddServices(IServiceCollection services, HostSetup setup)
    {
        _ = services.AddSingleton<IValidateOptions<StateSyncOptions>, StateSyncOptionsValidator>()
            .AddOptions<StateSyncOptions>().BindConfiguration(StateSyncOptions.Section).ValidateOnStart();
        AddStore(services, setup);
        _ = services.AddSingleton<StateSyncMetrics>()
            .AddSingleton<StateAnnouncer>()
            .AddSingleton<IStateAnnouncer>(provider => provider.GetRequiredService<StateAnnouncer>())
            .AddSingleton<EventPublisher>()
            .AddSingleton<OutcomePublisher>()
            .AddSingleton<StepRequests>()
            .AddHostedService<HeldSweeper>()
            .AddHostedService<StaleSweeper>()
            .AddHostedService<RetentionSweeper>()
            .AddHostedService<StateVerifier>();
    }

    /// <inheritdoc />
    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
    {
        _ = bus.AddConsumer<TransitionConsumer, TransitionConsumerDefinition>();
        _ = bus.AddConsumer<StatusConsumer, StatusConsumerDefinition>();
        _ = bus.AddConsumer<SharedStateConsumer, SharedStateConsumerDefinition>();
        _ = bus.AddConsumer<AttemptsConsumer, AttemptsConsumerDefinition>();
        bus.AddConsumer<EventsWantedConsumer>().Endpoint(endpoint =>
        {
            endpoint.Name = $"state-sync.events-wanted.{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):n}";
            endpoint.Temporary = true;
        });
    }

    /// <inheritdoc />
    public void MapEndpoints(IEndpointRouteBuilder routes) => routes.MapStateQueries();

    // Registered as IStateQueries here, a Gateway in the same process reads without HTTP.
    private static void AddStore(IServiceCollection services, HostSetup setup)
    {
        _ = services.AddModuleDb<StateSyncDb>(setup.Stores, setup.Configuration);
        _ = setup.Stores == StoreKind.InMemory
            ? services.AddSingleton<InMemoryStateStore>()
                .AddSingleton<IStateStore>(provider => provider.GetRequiredService<InMemoryStateStore>())
                .AddSingleton<IStateQueries>(provider => provider.GetRequiredService<InMemoryStateStore>())
                .AddSingleton<ITypeStatistics, InMemoryTypeStatistics>()
                .AddSingleton<ISystemStatistics, InMemorySystemStatistics>()
                .AddSingleton<ISharedStore, InMemorySharedStore>()
            : services.AddSingleton<IStateStore, PostgresStateStore>()
                .AddSingleton<IStateQueries, PostgresStateQueries>()
                .AddSingleton<ITypeStatistics, PostgresTypeStatistics>()
                .AddSingleton<ISystemStatistics, PostgresSystemStatistics>()
                .AddSingleton<ISharedStore, PostgresSharedStore>();
    }
}
