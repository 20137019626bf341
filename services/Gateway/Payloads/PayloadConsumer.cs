using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Envelopes;
using A2A.Micro.Security.Identity;
using A2A.Micro.ServiceDefaults;
using MassTransit;

namespace A2A.Micro.Gateway.Payloads;

/// <summary>
/// Hands large parameters to agents and takes large results from them, part by part, over the bus: an agent need not reach HTTP. A part is recognised by
/// payload and number. Only the agent of the current attempt stores; who knows a reference of its tenant reads.
/// </summary>
public sealed class PayloadConsumer(IPayloadStore store, IStateQueries states) : IConsumer<StorePayload>, IConsumer<ReadPayload>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<StorePayload> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var part = context.Message;
        // What requires it does not keep a sender from writing null.
        if (part.Reference is null) { throw new ProtocolException(ErrorKind.Validation, "#/reference: required"); }
        var error = Malformed(part) ?? await Refused(part, context.CancellationToken).ConfigureAwait(false);
        if (error is null && !await store.Put(
            new PayloadPart(part.Reference, part.TaskId, part.Number, part.Data), context.CancellationToken).ConfigureAwait(false))
        {
            error = Error(ErrorKind.Conflict, "another payload of this id was begun", retryable: false);
        }

        await Answer(context, new PayloadStored { PayloadId = part.Reference.PayloadId, Number = part.Number, Error = error }).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<ReadPayload> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var question = context.Message;
        var data = TaskRules.IsTaskName(question.TaskId)
            ? await store.Part(question.PayloadId, question.TaskId, question.Number, context.CancellationToken).ConfigureAwait(false)
            : null;
        await Answer(context, new PayloadRead
        {
            PayloadId = question.PayloadId,
            Number = question.Number,
            Data = data ?? default,
            Error = data is null ? Error(ErrorKind.NotFound, "there is no such part for this task", retryable: false) : null,
        }).ConfigureAwait(false);
    }

    /// <summary>What is wrong with a part by itself; null: nothing. Pure.</summary>
    public static TaskError? Malformed(StorePayload part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var sound = PayloadReference.Of(part.Reference.Element()) is not null && TaskRules.IsTaskName(part.TaskId)
            && part.Number >= 1 && part.Number <= part.Reference.Parts && part.Data.Length is > 0 and <= PayloadPacking.PartBytes;
        return sound ? null : Error(ErrorKind.TooLarge,
            $"a payload has at most {PayloadReference.BytesMax} bytes, in up to {PayloadPacking.PartsMax} parts of at most {PayloadPacking.PartBytes}",
            retryable: false);
    }

    // Judged with the first part; the others only ever go where it went. StateSync may hear of an attempt later than its agent.
    private async Task<TaskError?> Refused(StorePayload part, CancellationToken cancellation)
    {
        if (part.Number > 1) { return null; }
        new Caller("gateway", TenantNames.TenantOf(part.TaskId), Scopes.TasksRead).Enter();
        var known = await states.Heads([part.TaskId], cancellation).ConfigureAwait(false);
        return known is not [var task] ? Error(ErrorKind.NotFound, "there is no such task yet", retryable: true)
            : ReportSender.Objection(part.Attempt, part.AgentId, task) is { } sentence
                ? Error(ErrorKind.Conflict, sentence, retryable: !task.State.IsTerminal() && task.Attempt <= part.Attempt)
                : null;
    }

    private static Task Answer<T>(ConsumeContext context, T answer) where T : class =>
        context.ResponseAddress is null ? Task.CompletedTask : context.RespondAsync(answer);

    private static TaskError Error(ErrorKind kind, string message, bool retryable) =>
        new() { Code = kind.Code, Message = message, Retryable = retryable };
}

/// <summary>Queue and bounds of <see cref="PayloadConsumer"/>: few at once, because each holds half a megabyte.</summary>
public sealed class PayloadConsumerDefinition : ConsumerDefinition<PayloadConsumer>
{
    private const int AtOnce = 8;

    /// <summary>On a queue of its own.</summary>
    public PayloadConsumerDefinition() => (EndpointName, ConcurrentMessageLimit) = (Endpoints.Payloads, AtOnce);

    /// <inheritdoc />
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<PayloadConsumer> consumerConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        endpointConfigurator.PrefetchCount = AtOnce * 2;
        endpointConfigurator.UseA2ARetry();
    }
}
