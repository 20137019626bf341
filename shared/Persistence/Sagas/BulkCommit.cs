using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>
/// What the entries of one bulk did to their sagas, committed at once, and what they say, sent at once. An entry that finds its saga in memory
/// ends its way through the pipeline here, without a wait; so a bulk of many costs little more than its work, and its words travel together.
/// An entry that has to wait on its way commits by itself.
/// </summary>
internal sealed partial class BulkCommit<TSaga>(ISagaStore<TSaga> store, ILane lane, ILogger log) : IBulkCommit
    where TSaga : SagaRow
{
    private readonly Lock _gate = new();
    private readonly List<Part> _parts = [];
    private readonly HashSet<Guid> _sagas = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _urged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosed;

    /// <inheritdoc />
    public Task Urged => _urged.Task;

    /// <summary>Completes when no change of this saga waits here: until then nobody knows its state.</summary>
    public Task Before(Guid sagaId)
    {
        lock (_gate)
        {
            if (!_sagas.Contains(sagaId)) { return Task.CompletedTask; }
        }

        _ = _urged.TrySetResult();
        return _done.Task;
    }

    /// <summary>Takes a unit with what it says; false when it comes too late.</summary>
    public bool TryJoin(UnitOfWork<TSaga> unit, IReadOnlyList<Outgoing> says, Type message)
    {
        lock (_gate)
        {
            if (_isClosed) { return false; }
            _parts.Add(new Part(unit, says, message));
            if (unit is { IsSpared: false, Saga: { } saga }) { _ = _sagas.Add(saga.CorrelationId); }
            return true;
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyCollection<Guid>> Run(CancellationToken cancellation)
    {
        lock (_gate) { _isClosed = true; }
        try
        {
            return await Commit(cancellation).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whose fault it is, and how long to wait, shows when each goes through the pipeline alone
        catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogOneByOne(log, e, _parts.Count, typeof(TSaga).Name);
            return [.. _parts.Select(part => part.Unit.MessageId)];
        }
        finally
        {
            _ = _done.TrySetResult();
        }
    }

    private async Task<IReadOnlyCollection<Guid>> Commit(CancellationToken cancellation)
    {
        Part[] changes = [.. _parts.Where(part => part.Unit.Changes)];
        Reach("saga.before-commit");
        var committed = changes.Length == 0
            ? []
            : await store.Commit([.. changes.Select(part => part.Unit)], cancellation).ConfigureAwait(false);
        Reach("saga.after-commit");
        HashSet<Guid> refused = [.. changes.Where((_, i) => !committed[i]).Select(part => part.Unit.MessageId)];
        Outgoing[] says = [.. _parts.Where(part => !refused.Contains(part.Unit.MessageId)).SelectMany(part => part.Says)];
        if (says.Length > 0) { await lane.Send(says, cancellation).ConfigureAwait(false); }
        Reach("saga.before-ack");
        return refused;
    }

    private void Reach(string place)
    {
        if (!Failpoints.AreArmed) { return; }
        foreach (var part in _parts) { Failpoints.Hit(place, part.Message); }
    }

    [LoggerMessage(LogLevel.Warning, "the common commit of {Count} entries of a bulk for {Saga} failed; each goes alone")]
    private static partial void LogOneByOne(ILogger log, Exception exception, int count, string saga);

    private sealed record Part(UnitOfWork<TSaga> Unit, IReadOnlyList<Outgoing> Says, Type Message);
}

/// <summary>The end of a bulk's entries, whatever their saga.</summary>
internal interface IBulkCommit
{
    /// <summary>Completes when an entry waits for the commit: then there is no point in waiting for all entries.</summary>
    Task Urged { get; }

    /// <summary>
    /// Commits and sends what has come so far, and lets nobody in any more. The ids of the messages that must go their way again: another commit
    /// of their saga came first, or nothing was committed, or not everything was sent.
    /// </summary>
    Task<IReadOnlyCollection<Guid>> Run(CancellationToken cancellation);
}
