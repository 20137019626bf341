using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using MassTransit;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>The short way of a saga's commands into its unit of work.</summary>
public static class Saying
{
    /// <summary>
    /// Sends a command to an endpoint once the saga has been committed. The same as <c>context.Send</c>, without a pipeline for a message that
    /// does not leave yet.
    /// </summary>
    public static Task Say<TMessage>(
        this ConsumeContext context, string endpoint, TMessage message, TimeSpan? timeToLive = null, bool inCompany = false)
        where TMessage : class
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.TryGetPayload<IUnitOfWork>(out var unit))
        {
            return context.Send(Endpoints.Address(endpoint), message, send => send.TimeToLive = timeToLive);
        }

        unit.Say(new Outgoing
        {
            Id = NewId.NextGuid(),
            Message = message,
            Destination = Endpoints.Address(endpoint),
            ConversationId = context.ConversationId,
            TimeToLive = timeToLive,
            InCompany = inCompany,
        });
        return Task.CompletedTask;
    }
}
