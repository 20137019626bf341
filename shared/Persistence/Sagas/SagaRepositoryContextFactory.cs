using System.Diagnostics;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>
/// MassTransit's door to <see cref="ISagaStore{TSaga}"/>: the place where inbox, saga and outgoing messages of one delivery meet.
/// </summary>
/// <remarks>
/// Theory of operation. Load saga and inbox row in one round trip. Was the message committed before, then the crash came between
/// commit and acknowledgement, so what it sent is sent again with the same ids, and that is all. Otherwise the saga runs on a copy while
/// its sends are captured; saga, inbox row (with the captured messages inside) and nothing else are committed; then the messages
/// leave; then the transport acknowledges. The un-acknowledged delivery is what drives recovery, so no outbox table has to be polled for
/// work that came over the bus. A lost race throws, and the endpoint's retry starts over with a fresh copy.
/// </remarks>
public sealed class SagaRepositoryContextFactory<TSaga>(
    ISagaStore<TSaga> store, SagaStarts<TSaga> starts, ILane lane, IServiceProvider services)
    : ISagaRepositoryContextFactory<TSaga>
    where TSaga : SagaRow
{
    /// <inheritdoc />
    public void Probe(ProbeContext context) => context.Add("persistence", store.GetType().Name);

    /// <inheritdoc />
    public async Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next) where T : class
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        var sagaId = context.CorrelationId ?? throw new SagaException("no correlation id", typeof(TSaga), typeof(T));
        var messageId = context.MessageId ?? throw new MessageException(typeof(T), "a message to a saga needs a MessageId");
        var bulk = context.TryGetPayload<BulkCommit<TSaga>>(out var together) ? together : null;
        var left = bulk?.Find(sagaId);
        var loaded = left
            ?? await store.Load(sagaId, messageId, starts.With(typeof(T)), context.CancellationToken).ConfigureAwait(false);
        if (loaded.Repeated is { } repeated)
        {
            await Deliver(context, Traced(repeated)).ConfigureAwait(false);
            // Without this the receive pipe takes the message for unhandled and moves it to the _skipped queue.
            await context.NotifyConsumed(TimeSpan.Zero, typeof(TSaga).Name).ConfigureAwait(false);
            return;
        }

        var unit = new UnitOfWork<TSaga>(messageId) { Before = (TSaga?)loaded.Saga?.Copy() };
        var captured = new CapturingConsumeContext<TSaga, T>(context, services, unit);
        _ = captured.GetOrAddPayload<IUnitOfWork>(() => unit);
        await next.Send(new RepositoryContext<T>(captured, loaded.Saga, unit)).ConfigureAwait(false);
        if (unit.IsSpared) { store.Spare(unit.Saga!); }
        if (bulk is not null && bulk.TryJoin(unit, Said(unit), typeof(T), left is not null)) { return; }
        if (left is not null) { throw new ConcurrencyConflictException($"{typeof(TSaga).Name} {sagaId} was committed while this went on from it"); }
        Failpoints.Hit("saga.before-commit", typeof(T));
        if (unit.Changes && !await store.Commit(unit, context.CancellationToken).ConfigureAwait(false))
        {
            throw new ConcurrencyConflictException($"{typeof(TSaga).Name} {sagaId} was changed by another message");
        }

        Failpoints.Hit("saga.after-commit", typeof(T));
        await Deliver(context, Said(unit)).ConfigureAwait(false);
        Failpoints.Hit("saga.before-ack", typeof(T));
    }

    /// <inheritdoc />
    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class =>
        throw new NotSupportedException("sagas are found by id; correlate by TaskKey");

    // A timer, or the message of another saga, has a trace of its own; what this saga says belongs to the trace that created it.
    private static IReadOnlyList<Outgoing> Said(UnitOfWork<TSaga> unit)
    {
        if (unit.Outgoing.Count == 0) { return []; }
        using var back = Traces.Return(unit.Saga?.TraceParent);
        return Traced(unit.Outgoing);
    }

    private static IReadOnlyList<Outgoing> Traced(IReadOnlyList<Outgoing> messages) => Activity.Current?.Id is { } trace
        ? [.. messages.Select(message => message with { TraceParent = trace })]
        : messages;

    // What one message causes leaves together: to the same endpoint in one message.
    private Task Deliver(ConsumeContext context, IReadOnlyList<Outgoing> messages) =>
        messages.Count == 0 ? Task.CompletedTask : lane.Send(messages, context.CancellationToken);

    private sealed class RepositoryContext<T>(ConsumeContext<T> context, TSaga? loaded, UnitOfWork<TSaga> unit)
        : ConsumeContextScope<T>(context), SagaRepositoryContext<TSaga, T>
        where T : class
    {
        private readonly ConsumeContext<T> _context = context;

        public Task<SagaConsumeContext<TSaga, T>> Add(TSaga instance) => Use(instance);

        public Task<SagaConsumeContext<TSaga, T>> Insert(TSaga instance) =>
            loaded is null ? Use(instance) : Task.FromResult<SagaConsumeContext<TSaga, T>>(null!);

        public Task<SagaConsumeContext<TSaga, T>> Load(Guid correlationId) =>
            loaded is null ? Task.FromResult<SagaConsumeContext<TSaga, T>>(null!) : Use(loaded);

        public Task Save(SagaConsumeContext<TSaga> context) => Mark(true);

        public Task Update(SagaConsumeContext<TSaga> context) => Mark(true);

        public Task Delete(SagaConsumeContext<TSaga> context) =>
            throw new NotSupportedException("a saga keeps its terminal state; retention removes it");

        public Task Discard(SagaConsumeContext<TSaga> context) => Mark(false);

        public Task Undo(SagaConsumeContext<TSaga> context) => Mark(false);

        public Task<SagaConsumeContext<TSaga, TOther>> CreateSagaConsumeContext<TOther>(
            ConsumeContext<TOther> consumeContext, TSaga instance, SagaConsumeContextMode mode) where TOther : class =>
            Task.FromResult<SagaConsumeContext<TSaga, TOther>>(new DefaultSagaConsumeContext<TSaga, TOther>(consumeContext, instance));

        private Task<SagaConsumeContext<TSaga, T>> Use(TSaga saga)
        {
            unit.Saga = saga;
            saga.TraceParent ??= Activity.Current?.Id;
            return Task.FromResult<SagaConsumeContext<TSaga, T>>(new DefaultSagaConsumeContext<TSaga, T>(_context, saga));
        }

        private Task Mark(bool changed)
        {
            unit.Changed = changed;
            return Task.CompletedTask;
        }
    }
}
