using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Signing;
using MassTransit;
using MassTransit.Context;

namespace A2A.Micro.ServiceDefaults.Broker;

/// <summary>
/// Signs what an agent says to the services, and what a service says to an agent: the bytes as they travel, once for a whole bulk. Among
/// services the broker's permissions are enough, since no agent can publish there.
/// </summary>
public sealed class MessageSigner(BrokerIdentity identity) : ISendObserver, IPublishObserver
{
    /// <inheritdoc />
    public Task PreSend<T>(SendContext<T> context) where T : class
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Audience(context) is not { } audience) { return Task.CompletedTask; }
        context.MessageId ??= NewId.NextGuid();
        var (text, signature) = identity.Sign(
            context.MessageId.Value.ToString(), MessageUrn.ForTypeString<T>(), audience, TaskKey.DefaultTenant, BytesOf(context));
        context.Headers.Set(MessageCheck.TextHeader, text);
        context.Headers.Set(SignatureLine.Header, signature);
        if (identity.AgentId is { } agent && context is RabbitMqSendContext rabbit) { rabbit.BasicProperties.UserId = AgentAccount.User(agent); }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task PrePublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    /// <inheritdoc />
    public Task PostSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

    /// <inheritdoc />
    public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    /// <inheritdoc />
    public Task PostPublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    /// <inheritdoc />
    public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    // The context keeps what it has written once: these are the bytes that leave.
    private static byte[] BytesOf<T>(SendContext<T> context) where T : class => context is MessageSendContext<T> whole
        ? whole.Body.GetBytes()
        : throw new InvalidOperationException($"{context.GetType().Name} does not say what it sends");

    private string? Audience(SendContext context)
    {
        if (identity.AgentId is not null) { return context.RoutingKey(); }
        var exchange = context.DestinationAddress is { } address ? Uri.UnescapeDataString(address.AbsolutePath.Split('/')[^1]) : "";
        return exchange.StartsWith(Endpoints.Agent(""), StringComparison.Ordinal) ? exchange : null;
    }
}
