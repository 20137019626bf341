using A2A.Micro.Contracts.Wire;
using MassTransit;

namespace A2A.Micro.ServiceDefaults;

/// <summary>Lets no message out that breaks its contract (requirement 38): whoever sends it gets MSG002 and the field.</summary>
public sealed class OutboundGuard : ISendObserver, IPublishObserver
{
    /// <inheritdoc />
    public Task PreSend<T>(SendContext<T> context) where T : class => Check(context);

    /// <inheritdoc />
    public Task PrePublish<T>(PublishContext<T> context) where T : class => Check(context);

    /// <inheritdoc />
    public Task PostSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

    /// <inheritdoc />
    public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    /// <inheritdoc />
    public Task PostPublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    /// <inheritdoc />
    public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    private static Task Check<T>(SendContext<T> context) where T : class
    {
        if (typeof(T).Assembly == typeof(WireGuard).Assembly) { WireGuard.Check(context.Message); }
        return Task.CompletedTask;
    }
}
