using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using MassTransit;

namespace A2A.Micro.AgentSdk;

/// <summary>The agent's queue of commands, apart from the offers so that a long line of these never delays a cancel.</summary>
internal sealed class ControlInbox(AgentRuntime runtime)
    : IConsumer<CancelTask>, IConsumer<PauseTask>, IConsumer<ResumeTask>, IConsumer<ProvideInput>, IConsumer<TaskWithdrawn>,
        IConsumer<DependencySettled>, IConsumer<AgentUnknown>
{
    public Task Consume(ConsumeContext<DependencySettled> context) =>
        runtime.ChildEnded(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<CancelTask> context) =>
        runtime.Cancel(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<PauseTask> context) =>
        runtime.Pause(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<ResumeTask> context)
    {
        runtime.Resume(context.Message);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<ProvideInput> context)
    {
        runtime.Answer(context.Message);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<TaskWithdrawn> context)
    {
        runtime.Withdraw(context.Message);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<AgentUnknown> context) => runtime.Announce(context.CancellationToken);
}
