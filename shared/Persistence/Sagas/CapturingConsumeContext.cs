using A2A.Micro.Persistence.Outbox;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>A consume context whose sends, publishes and responses become part of the unit of work instead of leaving at once.</summary>
internal sealed class CapturingConsumeContext<TSaga, T>(ConsumeContext<T> context, IServiceProvider services, UnitOfWork<TSaga> unit)
    : OutboxConsumeContextProxy<T>(context, Options, services)
    where TSaga : SagaRow
    where T : class
{
    private static new readonly OutboxConsumeOptions Options = new() { ConsumerType = typeof(TSaga).Name };

    public override bool ContinueProcessing { get; set; } = true;

    public override bool IsMessageConsumed => false;

    public override bool IsOutboxDelivered => false;

    public override int ReceiveCount => 0;

    public override long? LastSequenceNumber => null;

    public override Task SetConsumed() => Task.CompletedTask;

    public override Task SetDelivered() => Task.CompletedTask;

    public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult(new List<OutboxMessageContext>());

    public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

    public override Task RemoveOutboxMessages() => Task.CompletedTask;

    public override Task AddSend<TMessage>(SendContext<TMessage> context)
    {
        unit.Say(Outgoing.Captured(context));
        return Task.CompletedTask;
    }
}
