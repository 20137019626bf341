using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using MassTransit;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>How questions are listened to: on a queue of their own, a few at once, because each looks at the whole pool.</summary>
public sealed class ViewConsumerDefinition : ConsumerDefinition<ViewConsumer>
{
    private const int AtOnce = 8;

    /// <summary>On the queue of questions.</summary>
    public ViewConsumerDefinition() => (EndpointName, ConcurrentMessageLimit) = (Endpoints.Resources, AtOnce);

    /// <inheritdoc />
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<ViewConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = AtOnce * 2;
        endpointConfigurator.UseA2ARetry();
    }
}
