using System.Diagnostics;
using System.Threading.Channels;
using A2A.Micro.Persistence.Lanes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.Persistence.Outbox;

/// <summary>
/// The relay: sends committed messages from memory as soon as they are committed, and polls the table for whatever a crash, an outage or a
/// full queue left there. It always polls; a notification that gets lost must never strand a row.
/// </summary>
internal sealed partial class OutboxDispatcher<TDb> : BackgroundService, IOutbox<TDb> where TDb : ModuleDb
{
    private const int MarksMax = 4096;

    // Nobody waits for a row to go: a commit for each would cost as much as the one that brought it.
    private static readonly Pace<Guid> Seldom = new(TimeSpan.FromMilliseconds(100), Crowd: 1, static _ => 1);

    private readonly IOutboxTable<TDb> _table;
    private readonly ILane _lane;
    private readonly TimeProvider _clock;
    private readonly OutboxOptions _options;
    private readonly ILogger<OutboxDispatcher<TDb>> _log;
    private readonly Channel<Outgoing> _queue;
    private readonly GroupCommit<Guid, bool> _sent;
    private readonly SemaphoreSlim _marking = new(MarksMax);
    private long _pending;
    private long _queued;

    public OutboxDispatcher(IOutboxTable<TDb> table, ILane lane, TimeProvider clock, IOptions<OutboxOptions> options,
        ILogger<OutboxDispatcher<TDb>> log)
    {
        (_table, _lane, _clock, _options, _log) = (table, lane, clock, options.Value, log);
        _queue = Channel.CreateBounded<Outgoing>(_options.QueueMax);
        _sent = new GroupCommit<Guid, bool>(
            async (ids, cancellation) =>
            {
                await _table.Sent(ids, cancellation).ConfigureAwait(false);
                return [.. ids.Select(_ => true)];
            },
            MarksMax, failsTogether: DatabaseOutage.Is, pace: Seldom);
    }

    public long Pending => Math.Max(Volatile.Read(ref _pending), Volatile.Read(ref _queued));

    public NpgsqlBatchCommand Insert(IReadOnlyCollection<Outgoing> messages) => _table.Insert(messages, _options.ClaimFor);

    public async ValueTask Committed(IReadOnlyCollection<Outgoing> messages, CancellationToken cancellation)
    {
        foreach (var message in messages)
        {
            _ = Interlocked.Increment(ref _queued);
            if (_queue.Writer.TryWrite(message)) { continue; }
            if (_table.IsDurable)
            {
                _ = Interlocked.Decrement(ref _queued);
                continue; // the relay will find the row when its claim runs out
            }

            await _queue.Writer.WriteAsync(message, CancellationToken.None).ConfigureAwait(false);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var senders = Enumerable.Range(0, _options.Concurrency).Select(_ => SendFromMemory(stoppingToken));
        await Task.WhenAll(senders.Append(_table.IsDurable ? Relay(stoppingToken) : Task.CompletedTask)).ConfigureAwait(false);
        await _sent.DisposeAsync().ConfigureAwait(false);
    }

    private async Task SendFromMemory(CancellationToken stopping)
    {
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync(stopping).ConfigureAwait(false))
            {
                var sent = await TrySend(message, stopping).ConfigureAwait(false);
                while (!sent && !_table.IsDurable)
                {
                    await Task.Delay(_options.PollInterval, _clock, stopping).ConfigureAwait(false);
                    sent = await TrySend(message, stopping).ConfigureAwait(false);
                }

                _ = Interlocked.Decrement(ref _queued);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // what is left in memory is in the table too, or was promised to this process only
        }
    }

    private async Task Relay(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var full = await RelayOnce(stopping).ConfigureAwait(false);
                if (!full) { await Task.Delay(_options.PollInterval, _clock, stopping).ConfigureAwait(false); }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the next start goes on
        }
    }

    private async Task<bool> RelayOnce(CancellationToken stopping)
    {
        try
        {
            Volatile.Write(ref _pending, await _table.Count(stopping).ConfigureAwait(false));
            if (Volatile.Read(ref _pending) == 0) { return false; }
            var rows = await _table.Claim(_options.BatchSize, _options.ClaimFor, stopping).ConfigureAwait(false);
            if (rows.Count > 0)
            {
                LogTakenOver(rows.Count);
                foreach (var row in rows) { Failpoints.Hit("relay.after-claim", row.Message.GetType()); }
            }

            foreach (var chunk in rows.Chunk(_options.Concurrency))
            {
                var outcomes = await Task.WhenAll(chunk.Select(row => TrySend(row, stopping))).ConfigureAwait(false);
                if (outcomes.Contains(false)) { return false; } // the broker is away; their claims run out by themselves
            }

            return rows.Count == _options.BatchSize;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            LogRelayFailed(e);
            return false;
        }
    }

    private async Task<bool> TrySend(Outgoing message, CancellationToken stopping)
    {
        using var activity = Traces.Continue(message.TraceParent);
        try
        {
            Failpoints.Hit("outbox.before-publish", message.Message.GetType());
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            limit.CancelAfter(_options.SendTimeout);
            await _lane.Send([message with { TraceParent = Activity.Current?.Id ?? message.TraceParent }], limit.Token).ConfigureAwait(false);
            Failpoints.Hit("outbox.before-mark", message.Message.GetType());
            if (_table.IsDurable) { await BeginToMark(message, stopping).ConfigureAwait(false); }
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // a failed send has one answer whatever the transport throws: the row stays and is sent again
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogSendFailed(e, message.Id);
            return false;
        }
    }

    // The message is on its way; whoever sent it goes on to the next one. As many as may wait are bounded, so a slow database is felt here.
    private async Task BeginToMark(Outgoing message, CancellationToken stopping)
    {
        await _marking.WaitAsync(stopping).ConfigureAwait(false);
        _ = Mark(message);
    }

    private async Task Mark(Outgoing message)
    {
        try
        {
            _ = await _sent.Run(message.Id, CancellationToken.None).ConfigureAwait(false);
            Failpoints.Hit("outbox.after-mark", message.Message.GetType());
        }
#pragma warning disable CA1031 // whatever it was: the row stays, is sent once more, and is known there by its id
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogNotMarked(e, message.Id);
        }
        finally
        {
            _ = _marking.Release();
        }
    }

    [LoggerMessage(LogLevel.Information, "message {Id} was sent, but could not be taken out of the outbox; it will be sent again")]
    private partial void LogNotMarked(Exception exception, Guid id);

    [LoggerMessage(LogLevel.Information, "the relay takes over {Count} messages that were committed but not sent")]
    private partial void LogTakenOver(int count);

    [LoggerMessage(LogLevel.Warning, "a round of the relay failed; the next one follows")]
    private partial void LogRelayFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "message {Id} could not be sent; it stays in the outbox")]
    private partial void LogSendFailed(Exception exception, Guid id);
}
