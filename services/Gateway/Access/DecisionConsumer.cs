using A2A.Micro.Contracts.Audit;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Audit;
using A2A.Micro.ServiceDefaults;
using MassTransit;

namespace A2A.Micro.Gateway.Access;

/// <summary>
/// What services have decided by themselves, on its way into the audit: the message leaves its queue when its row is sealed. One that comes again is known
/// by its MessageId, and is not sealed again.
/// </summary>
public sealed class DecisionConsumer(AuditLog audit) : IConsumer<NoteDecision>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<NoteDecision> context)
    {
        var said = context.Message;
        return audit.Keep(new AuditEntry
        {
            At = said.At,
            Actor = said.Actor,
            Tenant = said.TaskId is { } task ? TenantNames.TenantOf(task) : TenantNames.Default,
            Action = said.Action,
            Object = said.TaskId is { } id ? TenantNames.Outside(id) : said.AgentId,
            Attempt = said.Attempt,
            Outcome = "done",
            Reason = said.Reason,
            Key = context.MessageId,
            Trace = System.Diagnostics.Activity.Current?.TraceId.ToHexString(),
        }, context.CancellationToken);
    }
}

/// <summary>All Gateways take turns.</summary>
public sealed class DecisionConsumerDefinition : ConsumerDefinition<DecisionConsumer>
{
    /// <summary>On a queue of its own.</summary>
    public DecisionConsumerDefinition() => EndpointName = Endpoints.Audit;

    /// <inheritdoc />
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<DecisionConsumer> consumerConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        endpointConfigurator.UseA2ARetry();
    }
}
