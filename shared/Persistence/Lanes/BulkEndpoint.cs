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
    private const int AtOnce = 16;

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
        endpoint.Handler<Bulk>(InTurn(receiver.Take));
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
        endpoint.Handler<Bulk>(InTurn(new BulkAtOnce<TConsumer, TMessage>(receiver, context).Take));
    }

    // Enough of them meet in a commit, with 3 or 6 too few did. More finish no sooner, and what they hold outlives the young generation: with
    // everything in flight that was prefetched, a third of the Scheduler's time in a backlog went into collecting it (docs/performance.md).
    private static MessageHandler<Bulk> InTurn(Func<ConsumeContext<Bulk>, Task> take)
    {
        var turns = new SemaphoreSlim(AtOnce);
        return async context =>
        {
            await turns.WaitAsync(context.CancellationToken).ConfigureAwait(false);
            try
            {
                await take(context).ConfigureAwait(false);
            }
            finally
            {
                _ = turns.Release();
            }
        };
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
