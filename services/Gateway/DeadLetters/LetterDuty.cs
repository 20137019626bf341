using A2A.Micro.Security.Audit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>Sends letters whose time has come, every second; counts what lies there; deletes what was dealt with a week ago.</summary>
internal sealed class LetterDuty(
    IDeadLetterStore store, LetterMail mail, AuditLog audit, GatewayMetrics metrics, TimeProvider clock, ILogger<LetterDuty> log) : BackgroundService
{
    /// <summary>For how long whoever takes a letter may be busy with it before it is taken by another.</summary>
    public static readonly TimeSpan ClaimFor = TimeSpan.FromSeconds(15);

    private const int Step = 100;
    private const int RoundsBetweenCounts = 10;
    private const int RoundsBetweenPurges = 600;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Sends what is due. A letter whose send is broken off is sent again by a later round: its receiver knows it by its MessageId.</summary>
    public async Task SendDue(CancellationToken cancellation)
    {
        while (true)
        {
            var due = await store.TakeDue(Step, cancellation).ConfigureAwait(false);
            var taken = clock.GetTimestamp();
            foreach (var letter in due)
            {
                // What cannot be sent within the claim is left to who takes it next, and not sent by both.
                if (clock.GetElapsedTime(taken) > ClaimFor - SendLimit) { return; }
                await Send(letter, cancellation).ConfigureAwait(false);
            }

            if (due.Count < Step) { return; }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            for (var round = 0; await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false); round++)
            {
                await Round(round, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on.
        }
    }

    private async Task Send(DeadLetterRow letter, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(SendLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        if (DeadLetterRules.Resending(letter, clock.GetUtcNow()) is { } entry) { await audit.Keep(entry, either.Token).ConfigureAwait(false); }
        await mail.Send(letter, either.Token).ConfigureAwait(false);
        // Before it is written down the letter may already have failed again and be parked; then it stays parked.
        var moved = await store.Move([new LetterMove(letter.LetterId, LetterState.Replayed)], cancellation).ConfigureAwait(false);
        metrics.CountLetter("replayed", letter.Queue, moved.Count);
    }

    private async Task Round(int round, CancellationToken stopping)
    {
        try
        {
            await SendDue(stopping).ConfigureAwait(false);
            if (round % RoundsBetweenCounts == 0) { metrics.SetLetters(await store.Count(stopping).ConfigureAwait(false)); }
            if (round % RoundsBetweenPurges == 0) { _ = await store.Purge(Kept, Step * 10, stopping).ConfigureAwait(false); }
        }
#pragma warning disable CA1031 // a duty that ends with its first bad round helps nobody; the next one tries again
        catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LetterLog.RoundFailed(log, e);
        }
    }
}
