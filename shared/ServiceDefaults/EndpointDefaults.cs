using A2A.Micro.Contracts.Wire;
using MassTransit;
using MassTransit.InMemoryTransport.Configuration;
using MassTransit.Middleware;
using MassTransit.RabbitMqTransport.Configuration;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// What holds for every receive endpoint, whoever declared it: the conventions, a module, or an agent that connects its queue while
/// the bus runs. Runs after the endpoint's own configuration, so a temporary queue is recognised and stays one.
/// </summary>
internal sealed class EndpointDefaults(MessagingOptions options, Func<string, IFilter<ReceiveContext>?> gate) : IEndpointConfigurationObserver
{
    /// <summary>Exchange and queue for what was delivered too often: its consumers died with it in hand.</summary>
    public const string DeadLetters = "a2a.dead-letters";

    /// <summary>
    /// Redeliveries before a message counts as one that kills its consumer. RabbitMQ 4 has this number by itself and would then throw
    /// the message away; 3.10 would deliver it for ever. What merely fails never comes here: it is retried and parked in _error.
    /// </summary>
    public const int DeliveryLimit = 20;

    // The transport in memory wakes every idle reader of a queue for each message: a reader per message in flight cost a quarter of all work.
    private const int ReadersInMemory = 8;

    public void EndpointConfigured<T>(T configurator) where T : IReceiveEndpointConfigurator
    {
        // A fault is answered to whoever asked (request client), but never broadcast: nobody subscribes, and it doubles the poison.
        configurator.PublishFaults = false;
        // The last two are what an endpoint has that says nothing.
        configurator.ConfigureError(pipe =>
        {
            pipe.UseFilter(new RefusalStamp());
            pipe.UseFilter(new GenerateFaultFilter());
            pipe.UseFilter(new ErrorTransportFilter());
        });
        // Who asks by request may be kept waiting; all others are done with a message at once.
        if (configurator is InMemoryReceiveEndpointConfiguration memory && memory.InputAddress.Segments[^1] != Endpoints.Requests)
        {
            memory.ConcurrentMessageLimit = ReadersInMemory;
        }

        if (configurator is RabbitMqReceiveEndpointConfiguration { Settings: { Durable: true, AutoDelete: false, Exclusive: false } } queue)
        {
            queue.SetQuorumQueue(options.QuorumSize);
            if (gate(queue.Settings.QueueName) is { } filter) { configurator.ConfigureReceive(pipe => pipe.UseFilter(filter)); }
            // As KeepDeadLetters declares it, whoever comes first.
            if (queue.Settings.QueueName == DeadLetters) { return; }
            queue.SetQueueArgument("x-delivery-limit", DeliveryLimit);
            // What an agent was told is worth nothing later; the Scheduler has long gone on without it.
            if (!queue.Settings.QueueName.StartsWith(Endpoints.Agent(""), StringComparison.Ordinal)) { KeepDeadLetters(queue); }
        }
    }

    private void KeepDeadLetters(RabbitMqReceiveEndpointConfiguration queue)
    {
        queue.SetQueueArgument("x-dead-letter-strategy", "at-least-once");
        queue.SetQueueArgument("x-overflow", "reject-publish"); // at-least-once asks for it; no queue of ours has a length limit
        queue.BindDeadLetterQueue(DeadLetters, DeadLetters, letters => letters.SetQuorumQueue(options.QuorumSize));
    }
}
