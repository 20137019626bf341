using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Timers;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Distribution;
using A2A.Micro.Scheduler.Repairs;
using A2A.Micro.Scheduler.Tasks;
using A2A.Micro.Security.Encryption;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Scheduler;

/// <summary>The Scheduler: the life of every task, and the sequence of its transitions.</summary>
public sealed class SchedulerModule : IModule
{
    /// <inheritdoc />
    public string Name => "scheduler";

    /// <inheritdoc />
    public IEnumerable<string> HearsAgentsAt => [Endpoints.Tasks];

    /// <inheritdoc />
    public void AddServices(IServiceCollection services, HostSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        _ = services.AddOptions<SchedulerOptions>().BindConfiguration(SchedulerOptions.Section).ValidateOnStart();
        _ = services.AddSingleton<IValidateOptions<SchedulerOptions>, SchedulerOptionsValidator>()
            .AddSingleton<SchedulerMetrics>()
            .AddSingleton(provider => OfferSeals.Over(provider.GetRequiredService<IBus>(), provider.GetService<KeyVault>() ?? KeyVault.Empty))
            .AddSingleton(provider => new OfferGrants(
                provider.GetService<KeyVault>() ?? KeyVault.Empty, provider.GetRequiredService<IOptions<SchedulerOptions>>()))
            .AddSingleton<TaskPolicy>()
            .AddSingleton<CycleSearch>()
            .AddSingleton<AgentWatch>()
            .AddModuleDb<SchedulerDb>(setup.Stores, setup.Configuration)
            .AddSagaStore<TaskSaga, SchedulerDb>(setup.Stores, typeof(SubmitTask))
            .AddSagaTimers(new WakeUp<TaskSaga>(Endpoints.Tasks, due => new TaskDue { SagaId = due.SagaId, Now = due.Now }));
    }

    /// <inheritdoc />
    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
    {
        ArgumentNullException.ThrowIfNull(bus);
        _ = bus.AddSagaStateMachine<TaskStateMachine, TaskSaga, TaskSagaDefinition>().EntityFrameworkRepository();
        _ = bus.AddConsumer<StepsConsumer, StepsConsumerDefinition>();
    }
}
