using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// Applies progress and partial results of the attempt that runs (G5, G14). What an agent must not say is counted and logged and is
/// no fault: a lying agent must not fill an error queue.
/// </summary>
public sealed class StatusConsumer(IStateStore store, StateAnnouncer announcer)
    : IConsumer<TaskStatusUpdate>, IConsumer<TaskPartial>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<TaskStatusUpdate> context) =>
        Apply(new StateInput.Status(context.Message), context);

    /// <inheritdoc />
    public Task Consume(ConsumeContext<TaskPartial> context) =>
        Apply(new StateInput.Partial(context.Message), context);

    private async Task Apply(StateInput report, ConsumeContext context)
    {
        var answers = await store.Apply([report], context.CancellationToken).ConfigureAwait(false);
        await announcer.Announce([(report.TaskId, answers[0])], context.CancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Queue and bounds of <see cref="StatusConsumer"/>.</summary>
public sealed class StatusConsumerDefinition : ConsumerDefinition<StatusConsumer>
{
    private const int Partitions = 64;
    private readonly int _concurrency;

    /// <summary>Reads the bounds.</summary>
    public StatusConsumerDefinition(IOptions<StateSyncOptions> options)
    {
        EndpointName = Endpoints.Status;
        _concurrency = options.Value.Concurrency;
        ConcurrentMessageLimit = _concurrency;
    }

    /// <inheritdoc />
    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpoint,
        IConsumerConfigurator<StatusConsumer> consumer, IRegistrationContext context)
    {
        endpoint.PrefetchCount = _concurrency * 2;
        endpoint.UseA2ARetry();
        // In the order in which they came, so that readers see the partial results of a task in the order of their numbers, as far as that lies here.
        var partitions = endpoint.CreatePartitioner(Partitions);
        consumer.Message<TaskPartial>(message => message.UsePartitioner(partitions, partial => TaskKey.Of(partial.Message.TaskId)));
    }
}
