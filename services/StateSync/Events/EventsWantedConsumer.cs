using A2A.Micro.Contracts.States;
using MassTransit;

namespace A2A.Micro.StateSync.Events;

/// <summary>Hears that somebody listens to events or results from now on, on a queue of this process alone. Idempotent.</summary>
public sealed class EventsWantedConsumer(EventPublisher events, OutcomePublisher outcomes) : IConsumer<TaskEventsWanted>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<TaskEventsWanted> context)
    {
        events.Wake();
        outcomes.Wake();
        return Task.CompletedTask;
    }
}
