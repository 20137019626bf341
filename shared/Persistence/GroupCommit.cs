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
/// <param name="separate">
/// Two items with the same key never share a commit; the later one goes into the next. A null key never clashes.
/// </param>
public sealed class GroupCommit<TItem, TAnswer>(
    Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TAnswer>>> commit,
    int batchMax = 256,
    int queueMax = 4096,
    Func<TItem, object?>? separate = null) : IAsyncDisposable
{
    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(queueMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    // A broker or database that is away must not keep the process from ending.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _start = new();
    private Task? _worker;

    /// <summary>The answer for this item, once the transaction that holds it has committed.</summary>
    public async Task<TAnswer> Run(TItem item, CancellationToken cancellation)
    {
        EnsureStarted();
        var waiting = new Waiting(item);
        await _queue.Writer.WriteAsync(waiting, cancellation).ConfigureAwait(false);
        // The caller may leave; the item stays, because it may already be part of a commit.
        return await waiting.Answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Finishes what is queued, then stops; gives up what takes longer than the grace time.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = _queue.Writer.TryComplete();
        if (_worker is { } worker)
        {
            _stop.CancelAfter(StopGrace);
            await worker.ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private void EnsureStarted()
    {
        if (_worker is not null) { return; }
        lock (_start)
        {
            if (_worker is not null) { return; }
            // The worker serves everybody: it must not carry the trace and other ambient values of its first caller for ever.
            using var _ = ExecutionContext.SuppressFlow();
            _worker = Task.Run(Work);
        }
    }

    private async Task Work()
    {
        var batch = new List<Waiting>(batchMax);
        var keys = new HashSet<object>();
        Waiting? carried = null;
        while (carried is not null || await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            keys.Clear();
            if (carried is not null)
            {
                batch.Add(carried);
                _ = MayJoin(carried, keys);
                carried = null;
            }

            while (batch.Count < batchMax && _queue.Reader.TryRead(out var next))
            {
                if (!MayJoin(next, keys))
                {
                    carried = next;
                    break;
                }

                batch.Add(next);
            }

            await Commit(batch).ConfigureAwait(false);
        }
    }

    private bool MayJoin(Waiting next, HashSet<object> keys) =>
        separate?.Invoke(next.Item) is not { } key || keys.Add(key);

    private async Task Commit(List<Waiting> batch)
    {
        try
        {
            var answers = await commit([.. batch.Select(waiting => waiting.Item)], _stop.Token).ConfigureAwait(false);
            for (var i = 0; i < batch.Count; i++) { batch[i].Answer.SetResult(answers[i]); }
        }
        catch (Exception) when (batch.Count > 1)
        {
            foreach (var waiting in batch) { await Commit([waiting]).ConfigureAwait(false); }
        }
#pragma warning disable CA1031 // whatever it was, it belongs to the caller of this one item
        catch (Exception e)
#pragma warning restore CA1031
        {
            batch[0].Answer.SetException(e);
        }
    }

    private sealed class Waiting(TItem item)
    {
        public TItem Item { get; } = item;

        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
