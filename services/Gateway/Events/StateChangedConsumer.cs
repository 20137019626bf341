using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Limits;
using MassTransit;

namespace A2A.Micro.Gateway.Events;

/// <summary>Hears of every new version of every task, on a queue of this process alone that ends with it, and wakes who waits.</summary>
public sealed class StateChangedConsumer(Watchers watchers, Endings endings, OpenTasks open, TaskFeed feed)
    : IConsumer<StateChanged>, IConsumer<StatesChanged>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<StateChanged> context)
    {
        Tell(context.Message);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task Consume(ConsumeContext<StatesChanged> context)
    {
        foreach (var changed in context.Message.Changes) { Tell(changed); }
        return Task.CompletedTask;
    }

    // In this order: who begins to watch after the end was heard finds that it is not awaited any more.
    private void Tell(StateChanged changed)
    {
        if (changed.State.IsTerminal()) { open.Ended(changed.TaskId); }
        watchers.Tell(changed, endings.Hear(changed));
        feed.Tell(changed);
    }
}
