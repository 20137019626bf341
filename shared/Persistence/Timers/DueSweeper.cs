using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Sagas;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Persistence.Timers;

/// <summary>
/// Wakes sagas whose time has come. Timers are a column of the saga's own row, so setting one is part of the saga's commit, cancelling one
/// is not needed, and no timer can outlive or miss its saga. A wake-up that gets lost is repeated.
/// </summary>
internal sealed partial class DueSweeper<TSaga>(ISagaStore<TSaga> store, IBus bus, WakeUp<TSaga> wakeUp, TimeProvider clock,
    IOptions<TimerOptions> options, ILogger<DueSweeper<TSaga>> log) : BackgroundService
    where TSaga : SagaRow
{
    private DateTimeOffset _purgedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var settings = options.Value;
        while (!stoppingToken.IsCancellationRequested)
        {
            var full = false;
            try
            {
                var due = await store.TakeDue(settings.BatchSize, settings.RepeatAfter, stoppingToken).ConfigureAwait(false);
                await Task.WhenAll(due.Select(saga => Wake(saga, stoppingToken))).ConfigureAwait(false);
                full = due.Count == settings.BatchSize;
                await Purge(settings, stoppingToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // the sweeper is the net under everything else: it must not end because one round failed
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogRoundFailed(e, typeof(TSaga).Name);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (!full) { await Pause(settings.SweepInterval, stoppingToken).ConfigureAwait(false); }
        }
    }

    private async Task Wake(Due due, CancellationToken cancellation)
    {
        var message = Outgoing.Command(wakeUp.Endpoint, wakeUp.Message(due), clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        await message.Send(bus, bus, limit.Token).ConfigureAwait(false);
    }

    private async Task Purge(TimerOptions settings, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (now - _purgedAt < settings.PurgeInterval) { return; }
        if (await store.Purge(settings.InboxAge, settings.PurgeBatch, cancellation).ConfigureAwait(false) < settings.PurgeBatch)
        {
            _purgedAt = now;
        }
    }

    private async Task Pause(TimeSpan pause, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(pause, clock, stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // the loop's condition sees it
        }
    }

    [LoggerMessage(LogLevel.Warning, "a sweep over {Saga} failed; the next one follows")]
    private partial void LogRoundFailed(Exception exception, string saga);
}

/// <summary>What wakes a saga: which message, and where it goes.</summary>
/// <param name="Endpoint">The saga's endpoint.</param>
/// <param name="Message">The message for one saga.</param>
public sealed record WakeUp<TSaga>(string Endpoint, Func<Due, object> Message) where TSaga : SagaRow;
