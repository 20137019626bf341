using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.States;
using MassTransit;

namespace A2A.Micro.AgentSdk;

/// <summary>
/// Answers to what an agent asked, on its queue of commands. A fault is an answer too: the question is asked again sooner than if it had been
/// forgotten.
/// </summary>
internal sealed class AnswerInbox(AgentRuntime runtime)
    : IConsumer<StateUpdated>, IConsumer<StateRead>, IConsumer<PayloadRead>, IConsumer<PayloadStored>,
        IConsumer<Fault<UpdateState>>, IConsumer<Fault<ReadState>>, IConsumer<Fault<ReadPayload>>, IConsumer<Fault<StorePayload>>
{
    public Task Consume(ConsumeContext<StateUpdated> context) => Hear(context);

    public Task Consume(ConsumeContext<StateRead> context) => Hear(context);

    public Task Consume(ConsumeContext<PayloadRead> context) => Hear(context);

    public Task Consume(ConsumeContext<PayloadStored> context) => Hear(context);

    public Task Consume(ConsumeContext<Fault<UpdateState>> context) => Hear(context);

    public Task Consume(ConsumeContext<Fault<ReadState>> context) => Hear(context);

    public Task Consume(ConsumeContext<Fault<ReadPayload>> context) => Hear(context);

    public Task Consume(ConsumeContext<Fault<StorePayload>> context) => Hear(context);

    private Task Hear<T>(ConsumeContext<T> context) where T : class
    {
        runtime.Answered(context.RequestId, context.Message);
        return Task.CompletedTask;
    }
}
