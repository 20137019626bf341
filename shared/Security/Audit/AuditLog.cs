using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace A2A.Micro.Security.Audit;

/// <summary>
/// Takes what happened and seals it in batches beside the work: whoever acts waits for nothing. What was taken and not yet sealed is lost with the process,
/// at most a second's worth; when the database is away so much waits as fits, and what does not is counted and said in the next row that does.
/// </summary>
public sealed partial class AuditLog(IAuditStore store, TimeProvider clock, ILogger<AuditLog> log) : BackgroundService
{
    private const int WaitingMax = 50_000;
    private const int BatchMax = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PauseOfOutage = TimeSpan.FromSeconds(1);

    private readonly Channel<AuditEntry> _waiting = Channel.CreateBounded<AuditEntry>(
        new BoundedChannelOptions(WaitingMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private long _lost;

    /// <summary>Takes an entry; it is sealed within a second.</summary>
    public void Take(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!_waiting.Writer.TryWrite(Tidy(entry))) { _ = Interlocked.Increment(ref _lost); }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
            {
                // What comes in the meantime shares a commit.
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(false);
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
                await store.Append(batch, stopping).ConfigureAwait(false);
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
            for (var batch = Batch(); batch.Count > 0; batch = Batch()) { await store.Append(batch, limit.Token).ConfigureAwait(false); }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            LogFailed(log, e);
        }
    }

    private List<AuditEntry> Batch()
    {
        var batch = new List<AuditEntry>();
        while (batch.Count < BatchMax && _waiting.Reader.TryRead(out var entry)) { batch.Add(entry); }
        if (batch.Count > 0 && Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
        {
            batch.Add(new AuditEntry
            {
                At = batch[^1].At, Actor = "audit", Tenant = batch[^1].Tenant, Action = "audit.lost", Outcome = "refused",
                Reason = $"{lost} entries came while the database was away and did not fit",
            });
        }

        return batch;
    }

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
