using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Security.Identity;

namespace A2A.Micro.Gateway.Events;

/// <summary>A task as it was read, on its way to every stream that is about it; written once for all of them.</summary>
public sealed class FeedEvent(TaskDocument head)
{
    private byte[]? _frame;

    /// <summary>The document without what may be large.</summary>
    public TaskDocument Head { get; } = head;

    /// <summary>Its place among all changes: microseconds since 1970.</summary>
    public long Place { get; } = (head.UpdatedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Everything of its frame that is the same on every stream. Two streams that write it at the same time write the same.</summary>
    public ReadOnlyMemory<byte> Frame => _frame ??=
        [.. "event: task\ndata: "u8, .. JsonSerializer.SerializeToUtf8Bytes(TaskViews.Of(Head), WireJson.Options), .. "\n\n"u8];
}

/// <summary>
/// What one stream has yet to say: of each task the latest, of so many tasks at most. A stream that is read too slowly loses the versions in between,
/// and when it is behind by more tasks than fit, the whole of it: it then looks at the list as if it had come anew. Others never wait for it.
/// </summary>
public sealed class FeedReader : IDisposable
{
    private readonly Watcher _slot;
    private readonly int _max;
    private readonly GatewayMetrics _metrics;
    private readonly Action<FeedReader> _leave;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FeedEvent> _pending = new(StringComparer.Ordinal);
    private bool _overflowed;
    private long _offered;
    private long _taken;

    internal FeedReader(EventFilter filter, Watcher slot, int max, GatewayMetrics metrics, Action<FeedReader> leave) =>
        (Filter, _slot, _max, _metrics, _leave) = (filter, slot, max, metrics, leave);

    /// <summary>What it is about.</summary>
    public EventFilter Filter { get; }

    /// <summary>Whose tasks.</summary>
    public string Tenant { get; } = Caller.Current.Tenant;

    /// <summary>Takes what there is, in the order of places; null when something was lost and the list must be looked at.</summary>
    public IReadOnlyList<FeedEvent>? Take()
    {
        lock (_gate)
        {
            _taken = _offered;
            FeedEvent[] pending = [.. _pending.Values.OrderBy(one => one.Place)];
            _pending.Clear();
            var lost = _overflowed;
            _overflowed = false;
            return lost ? null : pending;
        }
    }

    /// <summary>Returns when there may be something to take, when the pause is over, or when the process ends.</summary>
    public Task Wait(TimeSpan pause, TimeProvider clock, CancellationToken stopping, CancellationToken cancellation) =>
        _slot.Wait(Interlocked.Read(ref _taken), pause, clock, stopping, cancellation);

    /// <inheritdoc />
    public void Dispose()
    {
        _leave(this);
        _slot.Dispose();
    }

    internal void Offer(FeedEvent said)
    {
        long offered;
        lock (_gate)
        {
            if (_overflowed) { return; }
            _pending[said.Head.TaskId] = said;
            if (_pending.Count > _max)
            {
                _pending.Clear();
                _overflowed = true;
                _metrics.CountOverflow();
            }

            offered = ++_offered;
        }

        _slot.Hear(offered, ended: false);
    }
}
