using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Sagas;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>Lets an endpoint take <see cref="Bulk"/> messages; called from the definition of its consumer or saga.</summary>
public static class BulkEndpoint
{
    private const string Suffix = ".bulk";

    /// <summary>For the endpoint of a saga: all of a bulk is done at once and committed once.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="context">Of the bus.</param>
    public static void TakeBulkFor<TSaga>(this IReceiveEndpointConfigurator endpoint, IRegistrationContext context)
        where TSaga : SagaRow
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (IsPipelineOfEntries(endpoint)) { return; }
        var name = Name(endpoint);
        var receiver = new BulkReceiver(factory => factory.CreateSagaReceiver<TSaga>(name + Suffix), context,
            static services => new BulkCommit<TSaga>(services.GetRequiredService<ISagaStore<TSaga>>(), services.GetRequiredService<ILane>(),
                services.GetRequiredService<ILogger<BulkReceiver>>()));
        endpoint.Handler<Bulk>(receiver.Take);
    }

    /// <summary>For the endpoint of a consumer that takes what a bulk holds in one call.</summary>
    public static void TakeBulkAtOnce<TConsumer, TMessage>(this IReceiveEndpointConfigurator endpoint, IRegistrationContext context)
        where TConsumer : class, IBulkConsumer<TMessage>
        where TMessage : class
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (IsPipelineOfEntries(endpoint)) { return; }
        var name = Name(endpoint);
        var receiver = new BulkReceiver(factory => factory.CreateConsumerReceiver<TConsumer>(name + Suffix), context);
        endpoint.Handler<Bulk>(new BulkAtOnce<TConsumer, TMessage>(receiver, context).Take);
    }

    // The pipeline that the entries go through is configured by the same definition.
    private static bool IsPipelineOfEntries(IReceiveEndpointConfigurator endpoint)
    {
        if (!Name(endpoint).EndsWith(Suffix, StringComparison.Ordinal)) { return false; }
        endpoint.AddDeserializer(new EntryDeserializer(), isDefault: true);
        return true;
    }

    private static string Name(IReceiveEndpointConfigurator endpoint) => endpoint.InputAddress.Segments[^1];
}
