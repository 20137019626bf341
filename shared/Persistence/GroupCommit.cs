using System.Diagnostics;
using System.Threading.Channels;

namespace A2A.Micro.Persistence;

/// <summary>
/// Lets callers that come at the same time share one transaction. Whatever arrived while the last commit was under way forms the next
/// one, so a single caller pays one round trip without any added wait, and a thousand share theirs. Memory is bounded:
/// <see cref="Run"/> waits for a place when <paramref name="queueMax"/> callers are waiting, which is the back-pressure of a slow database.
/// </summary>
/// <param name="commit">
/// Does all items in one transaction and returns one answer per item, in order. When it throws and there was more than one item, each is
/// tried alone, so that one poison row fails only its own caller.
/// </param>
/// <param name="batchMax">Most items of one commit.</param>
/// <param name="queueMax">Most callers that wait before <see cref="Run"/> itself waits.</param>
/// <param name="failsTogether">
/// Whether a failure is everybody's, as when the other side is away: then it is handed to each, and none is tried alone. When it took
/// long to show, those who waited for it meanwhile get it too: a queue must not find out one batch after another. Null: never.
/// </param>
/// <param name="separate">
/// Two items with a key in common never share a commit; the later one goes into the next. An item without keys never clashes.
/// </param>
/// <param name="pace">
/// How the commits of a crowd are spaced. Every commit has a cost of its own, here and at whoever takes what it says; where many come at once, a
/// moment's rest makes the next one fuller. Who is not in a crowd never waits. Null: no rest.
/// </param>
/// <param name="clock">Measures how long a failure took, and the rest; the system's when not given.</param>
public sealed class GroupCommit<TItem, TAnswer>(
    Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TAnswer>>> commit,
    int batchMax = 256,
    int queueMax = 4096,
    Func<Exception, bool>? failsTogether = null,
    Func<TItem, IEnumerable<object>>? separate = null,
    Pace<TItem>? pace = null,
    TimeProvider? clock = null) : IAsyncDisposable
{
    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(queueMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    // Who waited this long for somebody else's failure has waited for its own.
    private static readonly TimeSpan LongFailure = TimeSpan.FromSeconds(1);

    // A broker or database that is away must not keep the process from ending.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<object> _keys = [];
    private Waiting? _carried;
    private int _isLed;
    private bool _hadCompany;
    private bool _wasCrowd;
    private long _ledAt;

    /// <summary>The answer for this item, once the transaction that holds it has committed.</summary>
    public async Task<TAnswer> Run(TItem item, CancellationToken cancellation)
    {
        var waiting = new Waiting(item);
        await _queue.Writer.WriteAsync(waiting, cancellation).ConfigureAwait(false);
        // Whoever finds nobody at work does the work, on the way: a lone caller is handed from thread to thread no more than needed.
        if (Interlocked.CompareExchange(ref _isLed, 1, 0) == 0)
        {
            // Not the field: by the time it is looked at, it may be the next leader's.
            var mine = Lead();
            await mine.WaitAsync(cancellation).ConfigureAwait(false);
        }

        // The caller may leave; the item stays, because it may already be part of a commit.
        return await waiting.Answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Finishes what is queued, then stops; gives up what takes longer than the grace time. Twice is once.</summary>
    public async ValueTask DisposeAsync()
    {
        // Whoever is registered under two names is disposed under both.
        if (!_queue.Writer.TryComplete()) { return; }
        _stop.CancelAfter(StopGrace);
        using var ended = new PeriodicTimer(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        while (Volatile.Read(ref _isLed) == 1) { _ = await ended.WaitForNextTickAsync().ConfigureAwait(false); }
        await _stop.CancelAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    // One batch; whoever came meanwhile is served by somebody else, so that nobody pays for more than its own.
    private async Task Lead()
    {
        // Where there was company there will be some again: it is on its way while this waits its turn.
        if (Rest() is { } rest) { await Task.Delay(rest, _clock).ConfigureAwait(false); }
        else if (_hadCompany) { await Task.Yield(); }
        var batch = Take();
        (_ledAt, _wasCrowd) = (_clock.GetTimestamp(), pace is not null && batch.Sum(waiting => pace.Weight(waiting.Item)) >= pace.Crowd);
        _hadCompany = batch.Count > 1;
        // Work for many belongs to nobody's trace.
        if (_hadCompany) { Activity.Current = null; }
        await Commit(batch).ConfigureAwait(false);
        if (_carried is null && _queue.Reader.Count == 0)
        {
            _ = Interlocked.Exchange(ref _isLed, 0); // a full fence: the look at the queue must not come before the word
            // Somebody may have come between the look and the word, and found that somebody leads.
            if (_queue.Reader.Count == 0 || Interlocked.CompareExchange(ref _isLed, 1, 0) == 1) { return; }
        }

        HandOn();
    }

    private TimeSpan? Rest() =>
        _wasCrowd && pace!.Interval - _clock.GetElapsedTime(_ledAt) is var left && left >= TimeSpan.FromMilliseconds(1) ? left : null;

    // Whoever came in between must not be served under the trace and other ambient values of this caller.
    private void HandOn()
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            _ = Task.Run(Lead);
            return;
        }

        using var flow = ExecutionContext.SuppressFlow();
        _ = Task.Run(Lead);
    }

    private List<Waiting> Take()
    {
        var batch = new List<Waiting>();
        _keys.Clear();
        if (_carried is { } carried)
        {
            batch.Add(carried);
            _ = MayJoin(carried, _keys);
            _carried = null;
        }

        while (batch.Count < batchMax && _queue.Reader.TryRead(out var next))
        {
            if (!MayJoin(next, _keys))
            {
                _carried = next;
                break;
            }

            batch.Add(next);
        }

        return batch;
    }

    private bool MayJoin(Waiting next, HashSet<object> keys)
    {
        if (separate is null) { return true; }
        var own = separate(next.Item);
        if (keys.Overlaps(own)) { return false; }
        keys.UnionWith(own);
        return true;
    }

    private async Task Commit(List<Waiting> batch)
    {
        if (batch.Count == 0) { return; }
        var since = _clock.GetTimestamp();
        try
        {
            var answers = await commit([.. batch.Select(waiting => waiting.Item)], _stop.Token).ConfigureAwait(false);
            for (var i = 0; i < batch.Count; i++) { _ = batch[i].Answer.TrySetResult(answers[i]); }
        }
        catch (Exception e) when (failsTogether?.Invoke(e) == true)
        {
            Fail(batch, e);
            if (_clock.GetElapsedTime(since) >= LongFailure) { FailWhoWaits(e); }
        }
        catch (Exception) when (batch.Count > 1)
        {
            foreach (var waiting in batch) { await Commit([waiting]).ConfigureAwait(false); }
        }
#pragma warning disable CA1031 // whatever it was, it belongs to the callers
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(batch, e);
        }
    }

    private void FailWhoWaits(Exception failure)
    {
        // Those who come while this runs are not meant: they have waited for nobody.
        for (var left = _queue.Reader.Count + (_carried is null ? 0 : 1); left > 0;)
        {
            var batch = Take();
            if (batch.Count == 0) { return; }
            Fail(batch, failure);
            left -= batch.Count;
        }
    }

    private static void Fail(List<Waiting> batch, Exception failure)
    {
        foreach (var waiting in batch) { _ = waiting.Answer.TrySetException(failure); }
    }

    private sealed class Waiting(TItem item)
    {
        public TItem Item { get; } = item;

        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The spacing of commits in a crowd.</summary>
/// <param name="Interval">From one commit of a crowd to the next.</param>
/// <param name="Crowd">From this weight on a commit was one of a crowd.</param>
/// <param name="Weight">What an item weighs.</param>
public sealed record Pace<TItem>(TimeSpan Interval, int Crowd, Func<TItem, int> Weight);
