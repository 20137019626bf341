using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Agents;

/// <summary>How agents are listened to: many at once, so that their heartbeats share a transaction.</summary>
public sealed class AgentConsumerDefinition : ConsumerDefinition<AgentConsumer>
{
    private readonly int _concurrency;

    /// <summary>By the service's options.</summary>
    public AgentConsumerDefinition(IOptions<ResourceManagerOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _concurrency = options.Value.AgentConcurrency;
        EndpointName = Endpoints.Agents;
        ConcurrentMessageLimit = _concurrency;
    }

    /// <inheritdoc />
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<AgentConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = _concurrency * 2;
        endpointConfigurator.UseA2ARetry();
    }
}
