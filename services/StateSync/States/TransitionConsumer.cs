using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.States;

/// <summary>Applies one step of the Scheduler in its order and says what became visible. Idempotent by (task, sequence).</summary>
public sealed class TransitionConsumer(
    IStateStore store, StateAnnouncer announcer, StateSyncMetrics metrics, TimeProvider clock)
    : IConsumer<TaskTransitioned>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<TaskTransitioned> context)
    {
        var step = context.Message;
        var answer = await store.Apply(new StateInput.Transition(step), context.CancellationToken)
            .ConfigureAwait(false);
        await announcer.Announce(step.TaskId, answer, context, context.CancellationToken).ConfigureAwait(false);
        if (answer.Changes.Count > 0) { metrics.Applied(clock.GetUtcNow() - step.At); }
        if (answer.Refusals.FirstOrDefault(refusal => refusal.Kind == RefusalKind.Malformed) is { } malformed)
        {
            // The Scheduler does not say such things: the message is parked for whoever looks into it.
            throw new ProtocolException(ErrorKind.Validation, malformed.Detail);
        }
    }
}

/// <summary>Queue and bounds of <see cref="TransitionConsumer"/>.</summary>
public sealed class TransitionConsumerDefinition : ConsumerDefinition<TransitionConsumer>
{
    private readonly int _concurrency;

    /// <summary>Reads the bounds.</summary>
    public TransitionConsumerDefinition(IOptions<StateSyncOptions> options)
    {
        EndpointName = Endpoints.Transitions;
        _concurrency = options.Value.Concurrency;
        ConcurrentMessageLimit = _concurrency;
    }

    /// <inheritdoc />
    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpoint,
        IConsumerConfigurator<TransitionConsumer> consumer, IRegistrationContext context)
    {
        endpoint.PrefetchCount = _concurrency * 2;
        endpoint.UseA2ARetry();
        endpoint.TakeBulkForConsumer<TransitionConsumer>(context);
    }
}
