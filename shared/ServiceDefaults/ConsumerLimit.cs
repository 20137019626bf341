using MassTransit;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Bounds every attempt of every consumer and saga: a delivery that is held too long breaks the channel, then the connection, then
/// every other endpoint of the process (reliability 1.2). Inside the retries, so that waiting for a database does not count.
/// </summary>
internal sealed class ConsumerLimit(TimeSpan limit) : IConsumerConfigurationObserver, ISagaConfigurationObserver
{
    public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator) where TConsumer : class =>
        configurator.UseTimeout(timeout => timeout.Timeout = limit);

    public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
        where TConsumer : class
        where TMessage : class
    {
    }

    public void SagaConfigured<TSaga>(ISagaConfigurator<TSaga> configurator) where TSaga : class, ISaga =>
        configurator.UseTimeout(timeout => timeout.Timeout = limit);

    public void StateMachineSagaConfigured<TInstance>(
        ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine)
        where TInstance : class, ISaga, SagaStateMachineInstance
    {
    }

    public void SagaMessageConfigured<TSaga, TMessage>(ISagaMessageConfigurator<TSaga, TMessage> configurator)
        where TSaga : class, ISaga
        where TMessage : class
    {
    }
}
