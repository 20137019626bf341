using A2A.Micro.ServiceDefaults;
using MassTransit;

namespace A2A.Micro.Scheduler.Control;

/// <summary>How <see cref="ControlConsumer"/> listens.</summary>
public sealed class ControlConsumerDefinition : ConsumerDefinition<ControlConsumer>
{
    /// <summary>Names the endpoint.</summary>
    public ControlConsumerDefinition() => EndpointName = "scheduler.control";

    /// <inheritdoc />
    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<ControlConsumer> consumerConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        endpointConfigurator.UseA2ARetry();
    }
}
