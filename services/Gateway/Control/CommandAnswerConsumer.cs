using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using MassTransit;

namespace A2A.Micro.Gateway.Control;

/// <summary>
/// Writes down what became of commands. The queue outlives every Gateway and is shared by all: whichever hears an answer stores it where all
/// read. Idempotent by command and status: a status only moves on, and what is final stays.
/// </summary>
public sealed class CommandAnswerConsumer(Commands commands, TimeProvider clock) : IConsumer<ControlAcknowledged>, IConsumer<ControlRejected>
{
    /// <inheritdoc />
    public Task Consume(ConsumeContext<ControlAcknowledged> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return commands.Hear(CommandRules.Of(context.Message, clock.GetUtcNow()), context.CancellationToken);
    }

    /// <inheritdoc />
    public Task Consume(ConsumeContext<ControlRejected> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return commands.Hear(CommandRules.Of(context.Message, clock.GetUtcNow()), context.CancellationToken);
    }
}

/// <summary>How <see cref="CommandAnswerConsumer"/> listens.</summary>
public sealed class CommandAnswerConsumerDefinition : ConsumerDefinition<CommandAnswerConsumer>
{
    private const int AtOnce = 16;

    /// <summary>Names the endpoint.</summary>
    public CommandAnswerConsumerDefinition()
    {
        EndpointName = Endpoints.Commands;
        ConcurrentMessageLimit = AtOnce;
    }

    /// <inheritdoc />
    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<CommandAnswerConsumer> consumerConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        // Answers are sent here by name; bound by type, the queue would also get what agents say to the Scheduler.
        endpointConfigurator.ConfigureConsumeTopology = false;
        endpointConfigurator.PrefetchCount = AtOnce * 2;
        endpointConfigurator.UseA2ARetry();
    }
}
