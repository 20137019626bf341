using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.ResourceManager.Agents;
using A2A.Micro.ResourceManager.Allocations;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Reconciliation;
using A2A.Micro.ResourceManager.Views;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager;

/// <summary>Owns capacity: agents and what they can hold, allocations, the ledger, the waiting line, and whether agents are alive.</summary>
public sealed class ResourceManagerModule : IModule
{
    /// <inheritdoc />
    public string Name => "resource-manager";

    /// <inheritdoc />
    public IEnumerable<string> HearsAgentsAt => [Endpoints.Agents];

    /// <inheritdoc />
    public void AddServices(IServiceCollection services, HostSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        _ = services.AddOptions<ResourceManagerOptions>()
            .Bind(setup.Configuration.GetSection(ResourceManagerOptions.Section))
            .PostConfigure(options => options.RunningPerTenantMax = OpenHosts.IsOpen(setup) ? 0 : options.RunningPerTenantMax)
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        _ = services.AddSingleton<IValidateOptions<ResourceManagerOptions>, ResourceManagerOptionsCheck>()
            .AddModuleDb<ResourceManagerDb>(setup.Stores, setup.Configuration)
            .AddOutbox<ResourceManagerDb>(setup.Stores)
            .AddSagaStore<AllocationSaga, ResourceManagerDb>(setup.Stores, typeof(AllocateResources))
            .AddHostedService<LeaseReaper>()
            .AddHostedService<StrayReclaimer>();
        _ = setup.Stores == StoreKind.Postgres
            ? services.AddSingleton<IPool, PostgresPool>().AddSingleton<ISealingKeys, PostgresSealingKeys>().AddHostedService<ReservationPurge>()
                .AddSingleton<LedgerFold>()
            : services.AddSingleton<IPool, InMemoryPool>().AddSingleton<ISealingKeys, InMemorySealingKeys>();
        _ = services.AddSingleton(provider => new Lazy<IPool>(provider.GetRequiredService<IPool>));
    }

    /// <inheritdoc />
    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
    {
        _ = bus.AddSagaStateMachine<AllocationStateMachine, AllocationSaga,
            AllocationSagaDefinition>().EntityFrameworkRepository();
        _ = bus.AddConsumer<AgentConsumer, AgentConsumerDefinition>();
        _ = bus.AddConsumer<ViewConsumer, ViewConsumerDefinition>();
        bus.AddRequestClient<ListAttempts>(Endpoints.Address(Endpoints.States));
    }
}
