using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace A2A.Micro.Security.Audit;

/// <summary>
/// Takes what happened and seals it in batches. Whoever takes a refusal, or a change of the installation, waits until it is sealed (<see cref="Keep"/>), so a
/// process that is killed loses none that somebody was told of. What has a durable record of its own, as a submission has, is sealed beside the work
/// (<see cref="Take"/>). When the database is away so much waits as fits, and what does not is counted and said in the next row that does.
/// </summary>
public sealed partial class AuditLog(IAuditStore store, TimeProvider clock, ILogger<AuditLog> log) : BackgroundService
{
    private const int WaitingMax = 50_000;
    private const int BatchMax = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PauseOfOutage = TimeSpan.FromSeconds(1);

    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(WaitingMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private long _lost;
    private int _inHurry;

    /// <summary>Takes an entry; it is sealed within a second.</summary>
    public void Take(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!_waiting.Writer.TryWrite(new Waiting(Tidy(entry), null))) { _ = Interlocked.Increment(ref _lost); }
    }

    /// <summary>Takes an entry and returns when it is sealed.</summary>
    public async Task Keep(AuditEntry entry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Interlocked.Increment(ref _inHurry);
        try
        {
            await _waiting.Writer.WriteAsync(new Waiting(Tidy(entry), done), cancellation).ConfigureAwait(false);
            await done.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _inHurry);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
            {
                // What comes in the meantime shares a commit; where somebody waits, what comes during the commit before does.
                if (Volatile.Read(ref _inHurry) == 0) { await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(false); }
                await Seal(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await SealRest().ConfigureAwait(false);
        }
    }

    private async Task Seal(CancellationToken stopping)
    {
        var batch = Batch();
        while (batch.Count > 0)
        {
            try
            {
                await Append(batch, stopping).ConfigureAwait(false);
                batch = Batch();
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogFailed(log, e);
                await Task.Delay(PauseOfOutage, clock, stopping).ConfigureAwait(false);
            }
        }
    }

    private async Task SealRest()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), clock);
        try
        {
            for (var batch = Batch(); batch.Count > 0; batch = Batch()) { await Append(batch, limit.Token).ConfigureAwait(false); }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            LogFailed(log, e);
        }
    }

    private async Task Append(List<Waiting> batch, CancellationToken cancellation)
    {
        await store.Append(batch.ConvertAll(one => one.Entry), cancellation).ConfigureAwait(false);
        foreach (var one in batch) { _ = one.Done?.TrySetResult(); }
    }

    private List<Waiting> Batch()
    {
        var batch = new List<Waiting>();
        while (batch.Count < BatchMax && _waiting.Reader.TryRead(out var entry)) { batch.Add(entry); }
        if (batch.Count > 0 && Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
        {
            batch.Add(new Waiting(new AuditEntry
            {
                At = batch[^1].Entry.At,
                Actor = "audit",
                Tenant = batch[^1].Entry.Tenant,
                Action = "audit.lost",
                Outcome = "refused",
                Reason = $"{lost} entries came while the database was away and did not fit",
            }, null));
        }

        return batch;
    }

    private readonly record struct Waiting(AuditEntry Entry, TaskCompletionSource? Done);

    // The row must read back as it was sealed: the database keeps microseconds, and no text with a zero in it.
    private static AuditEntry Tidy(AuditEntry entry) => entry with
    {
        At = new DateTimeOffset(entry.At.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero),
        Actor = Text(entry.Actor)!,
        Object = Text(entry.Object),
        Reason = Text(entry.Reason),
    };

    private static string? Text(string? text)
    {
        if (text is null) { return null; }
        var cut = text.Length > AuditEntry.TextLengthMax ? text[..AuditEntry.TextLengthMax] : text;
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut)).Replace("\0", "?", StringComparison.Ordinal);
    }

    [LoggerMessage(3120, LogLevel.Error, "the audit could not be written; what happened waits in memory")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
