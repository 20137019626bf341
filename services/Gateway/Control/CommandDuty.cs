using A2A.Micro.Persistence.Outbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace A2A.Micro.Gateway.Control;

/// <summary>Sends commands again that nobody has answered, every second; deletes answered ones after a week.</summary>
internal sealed partial class CommandDuty(
    ICommandStore store, Commands commands, IOutbox<GatewayDb> outbox, TimeProvider clock, ILogger<CommandDuty> log) : BackgroundService
{
    private const int Step = 100;
    private const int RoundsBetweenPurges = 600;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

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

    private async Task Round(int round, CancellationToken stopping)
    {
        try
        {
            // What waits for the broker goes by itself when it is back.
            if (outbox.Pending == 0)
            {
                foreach (var row in await store.TakeUnanswered(Step, stopping).ConfigureAwait(false))
                {
                    await commands.SendAgain(row, Pause, stopping).ConfigureAwait(false);
                }
            }

            if (round % RoundsBetweenPurges == 0) { _ = await store.Purge(Kept, Step * 10, stopping).ConfigureAwait(false); }
        }
#pragma warning disable CA1031 // a duty that ends with its first bad round helps nobody; the next one tries again
        catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailed(log, e is NpgsqlException ? "database" : "broker", e);
        }
    }

    [LoggerMessage(3020, LogLevel.Warning, "unanswered commands could not be sent again because of the {Part}; the next round tries again")]
    private static partial void LogFailed(ILogger log, string part, Exception exception);
}
