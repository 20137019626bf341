using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using MassTransit;

namespace A2A.Micro.StateSync.Queries;

/// <summary>Which attempt of each task is the current one. Changes nothing, so a repeat gets the answer of its own moment.</summary>
public sealed class AttemptsConsumer(IStateQueries states) : IConsumer<ListAttempts>
{
    private const int TasksMax = 100;

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<ListAttempts> context)
    {
        var known = await states.Find([.. context.Message.TaskIds.Take(TasksMax)], context.CancellationToken).ConfigureAwait(false);
        await context.RespondAsync(new AttemptList
        {
            Tasks =
            [
                .. known.Select(document => new TaskAttempt
                {
                    TaskId = document.TaskId,
                    State = document.State,
                    Attempt = document.Attempt,
                }),
            ],
        }).ConfigureAwait(false);
    }
}

/// <summary>Queue and bounds of <see cref="AttemptsConsumer"/>.</summary>
public sealed class AttemptsConsumerDefinition : ConsumerDefinition<AttemptsConsumer>
{
    private const int AtOnce = 4;

    /// <summary>On the queue of questions.</summary>
    public AttemptsConsumerDefinition() => (EndpointName, ConcurrentMessageLimit) = (Endpoints.States, AtOnce);

    /// <inheritdoc />
    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpoint,
        IConsumerConfigurator<AttemptsConsumer> consumer, IRegistrationContext context)
    {
        endpoint.PrefetchCount = AtOnce * 2;
        endpoint.UseA2ARetry();
    }
}
