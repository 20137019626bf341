using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>Puts a saga beside the message that it consumes. MassTransit asks for it by type.</summary>
public sealed class StoreConsumeContextFactory<TSaga> : ISagaConsumeContextFactory<ISagaStore<TSaga>, TSaga> where TSaga : SagaRow
{
    /// <inheritdoc />
    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(
        ISagaStore<TSaga> context, ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode) where T : class =>
        Task.FromResult<SagaConsumeContext<TSaga, T>>(new DefaultSagaConsumeContext<TSaga, T>(consumeContext, instance));
}
