using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Allocations;

/// <summary>
/// How allocations are listened to: many attempts at once, so that they meet in the same transactions, but the messages of one attempt one
/// after the other, so that they do not fight for its row.
/// </summary>
public sealed class AllocationSagaDefinition : SagaDefinition<AllocationSaga>
{
    private const int DeliveriesMax = 64;
    private readonly int _concurrency;

    /// <summary>By the service's options.</summary>
    public AllocationSagaDefinition(IOptions<ResourceManagerOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _concurrency = options.Value.AllocationConcurrency;
        EndpointName = Endpoints.Allocations;
        ConcurrentMessageLimit = _concurrency;
    }

    /// <inheritdoc />
    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpointConfigurator,
        ISagaConfigurator<AllocationSaga> sagaConfigurator,
        IRegistrationContext context)
    {
        // Most deliveries are bulks of many messages.
        endpointConfigurator.PrefetchCount = Math.Min(_concurrency, DeliveriesMax);
        endpointConfigurator.UseA2ARetry();
        endpointConfigurator.TakeBulkFor<AllocationSaga>(context);
        var lanes = new Partitioner(_concurrency, new Murmur3UnsafeHashGenerator());
        endpointConfigurator.UsePartitioner<AllocateResources>(
            lanes, c => TaskKey.OfAttempt(c.Message.TaskId, c.Message.Attempt));
        endpointConfigurator.UsePartitioner<ReleaseResources>(
            lanes, c => TaskKey.OfAttempt(c.Message.TaskId, c.Message.Attempt));
        endpointConfigurator.UsePartitioner<ClaimRevoked>(lanes,
            c => TaskKey.OfAttempt(c.Message.TaskId, c.Message.Attempt));
    }
}
