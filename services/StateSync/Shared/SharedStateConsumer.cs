using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using MassTransit;

namespace A2A.Micro.StateSync.Shared;

/// <summary>Changes and reads what agents share, and says what changed to whoever subscribed. An update is recognised by its id.</summary>
public sealed class SharedStateConsumer(ISharedStore store) : IConsumer<UpdateState>, IConsumer<ReadState>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<UpdateState> context)
    {
        var update = context.Message;
        var answer = SharedRules.Check(update) is { } wrong
            ? SharedRules.Refuse(update, wrong)
            : await store.Update(update, context.CancellationToken).ConfigureAwait(false);
        // Also when it was made before: whoever made it may have died before saying so.
        if (answer.Applied) { await context.Publish(answer, context.CancellationToken).ConfigureAwait(false); }
        if (context.ResponseAddress is not null) { await context.RespondAsync(answer).ConfigureAwait(false); }
        // Nobody waits for an answer that says what is wrong: it is parked for whoever looks into it.
        else if (answer.Error is { } error) { throw new ProtocolException(ErrorKind.Find(error.Code) ?? ErrorKind.Validation, error.Message); }
    }

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<ReadState> context)
    {
        var answer = context.Message is { WorkingOn: var work, Name: var name } question && TaskRules.IsTaskName(question.TaskId)
            && (name is null || TaskRules.IsAgentId(name)) && (work is null || TaskRules.IsTaskName(work))
            ? await store.Read(question, context.CancellationToken).ConfigureAwait(false)
            : new StateRead { States = [] };
        await context.RespondAsync(answer).ConfigureAwait(false);
    }
}

/// <summary>Queue and bounds of <see cref="SharedStateConsumer"/>.</summary>
public sealed class SharedStateConsumerDefinition : ConsumerDefinition<SharedStateConsumer>
{
    private const int AtOnce = 8;

    /// <summary>On a queue of its own.</summary>
    public SharedStateConsumerDefinition() => (EndpointName, ConcurrentMessageLimit) = (Endpoints.SharedState, AtOnce);

    /// <inheritdoc />
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpoint, IConsumerConfigurator<SharedStateConsumer> consumer, IRegistrationContext context)
    {
        endpoint.PrefetchCount = AtOnce * 4;
        endpoint.UseA2ARetry();
    }
}
