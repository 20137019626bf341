using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// What holds for every receive endpoint, whoever declared it: the conventions, a module, or an agent that connects its queue while
/// the bus runs. Runs after the endpoint's own configuration, so a temporary queue is recognised and stays one.
/// </summary>
internal sealed class EndpointDefaults(MessagingOptions options) : IEndpointConfigurationObserver
{
    public void EndpointConfigured<T>(T configurator) where T : IReceiveEndpointConfigurator
    {
        // A fault is answered to whoever asked (request client), but never broadcast: nobody subscribes, and it doubles the poison.
        configurator.PublishFaults = false;
        if (configurator is RabbitMqReceiveEndpointConfiguration { Settings: { Durable: true, AutoDelete: false, Exclusive: false } } queue)
        {
            queue.SetQuorumQueue(options.QuorumSize);
        }
    }
}
