using System.Diagnostics;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// Applies steps of the Scheduler in their order and says what became visible, one by one or as many as came together. Idempotent by
/// (task, sequence).
/// </summary>
public sealed class TransitionConsumer(
    IStateStore store, StateAnnouncer announcer, StateSyncMetrics metrics, TimeProvider clock)
    : IBulkConsumer<TaskTransitioned>
{
    private static readonly ActivitySource Source = new("A2A.StateSync");

    /// <inheritdoc />
    public Task Consume(ConsumeContext<TaskTransitioned> context) => Apply([context.Message], context.CancellationToken);

    /// <inheritdoc />
    public async Task Consume(IReadOnlyList<Received<TaskTransitioned>> messages, CancellationToken cancellation)
    {
        Activity?[] spans = [.. messages.Select(Span)];
        try
        {
            await Apply([.. messages.Select(message => message.Message)], cancellation).ConfigureAwait(false);
        }
        finally
        {
            foreach (var span in spans) { span?.Dispose(); }
        }
    }

    private async Task Apply(IReadOnlyList<TaskTransitioned> steps, CancellationToken cancellation)
    {
        var answers = await store.Apply([.. steps.Select(step => new StateInput.Transition(step))], cancellation).ConfigureAwait(false);
        await announcer.Announce([.. steps.Zip(answers, (step, answer) => (step.TaskId, answer))], cancellation).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        foreach (var (step, answer) in steps.Zip(answers)) { if (answer.Changes.Count > 0) { metrics.Applied(now - step.At); } }
        if (answers.SelectMany(answer => answer.Refusals).FirstOrDefault(refusal => refusal.Kind == RefusalKind.Malformed) is { } malformed)
        {
            // The Scheduler does not say such things: the message is parked for whoever looks into it.
            throw new ProtocolException(ErrorKind.Validation, malformed.Detail);
        }
    }

    // Many traces meet in one commit: each gets its own span of it, and none becomes the current one.
    private static Activity? Span(Received<TaskTransitioned> message)
    {
        if (!Source.HasListeners() || !ActivityContext.TryParse(message.TraceParent, null, isRemote: true, out var origin)) { return null; }
        var current = Activity.Current;
        var span = Source.StartActivity("state.apply", ActivityKind.Consumer, origin);
        Activity.Current = current;
        return span;
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
        endpoint.TakeBulkAtOnce<TransitionConsumer, TaskTransitioned>(context);
    }
}
