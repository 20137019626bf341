using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.Scheduler.Tasks;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Scheduler.Repairs;

/// <summary>
/// Says steps of a task once more that got lost on their way to StateSync. They lie beside the messages that caused them for as long as repeats of these
/// are recognised. Changes nothing; a repeat says the same again.
/// </summary>
public sealed partial class StepsConsumer(ISagaStore<TaskSaga> sagas, ILane lane, SchedulerMetrics metrics, ILogger<StepsConsumer> log)
    : IConsumer<StepsWanted>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<StepsWanted> context)
    {
        var wanted = context.Message;
        var (saga, _) = await sagas.Load(TaskKey.Of(wanted.TaskId), Guid.Empty, starts: false, context.CancellationToken).ConfigureAwait(false);
        // Most tasks that do not move have nothing to say.
        if (saga is null || saga.Sequence < wanted.From) { return; }
        var last = Math.Min(wanted.To ?? long.MaxValue, saga.Sequence);
        var said = await sagas.Said(
            $"\"task_id\":\"{wanted.TaskId}\"", wanted.Since ?? saga.CreatedAt.AddMinutes(-1), wanted.Until, context.CancellationToken).ConfigureAwait(false);
        Outgoing[] steps =
        [
            .. said.Where(one => one.Message is TaskTransitioned step && step.TaskId == wanted.TaskId && step.Sequence >= wanted.From && step.Sequence <= last)
                .DistinctBy(one => one.Id).OrderBy(one => ((TaskTransitioned)one.Message).Sequence),
        ];
        if (steps.Length > 0) { await lane.Send(steps, context.CancellationToken).ConfigureAwait(false); }
        metrics.StepsRepeated(steps.Length);
        LogRepeated(log, wanted.TaskId, steps.Length, last - wanted.From + 1, wanted.From);
    }

    [LoggerMessage(LogLevel.Warning, "Task {TaskId}: {Found} of {Wanted} steps from {From} on that StateSync lacks were said again")]
    private static partial void LogRepeated(ILogger log, string taskId, int found, long wanted, long from);
}

/// <summary>Queue and bounds of <see cref="StepsConsumer"/>.</summary>
public sealed class StepsConsumerDefinition : ConsumerDefinition<StepsConsumer>
{
    private const int AtOnce = 2;

    /// <summary>On a queue of its own: a look through what was said must not hold up a task.</summary>
    public StepsConsumerDefinition() => (EndpointName, ConcurrentMessageLimit) = (Endpoints.Repairs, AtOnce);

    /// <inheritdoc />
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<StepsConsumer> consumerConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        endpointConfigurator.PrefetchCount = AtOnce * 4;
        endpointConfigurator.UseA2ARetry();
    }
}
