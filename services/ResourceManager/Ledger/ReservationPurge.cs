using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Keeps histories bounded, in small steps: deletes reservations and denials of long ago, and has the ledger folded.</summary>
public sealed partial class ReservationPurge(
    NpgsqlDataSource source, LedgerFold ledger, IOptions<ResourceManagerOptions> options, TimeProvider clock, ILogger<ReservationPurge> log) : BackgroundService
{
    private const int Step = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private static readonly string Delete =
        $"""
        DELETE FROM {ResourceManagerDb.SchemaName}.reservation WHERE ctid = ANY(ARRAY(
          SELECT ctid FROM {ResourceManagerDb.SchemaName}.reservation WHERE released_at < now() - $1 LIMIT $2))
        """;

    /// <summary>Deletes until none is left that is old enough; how many there were.</summary>
    public async Task<int> Purge(CancellationToken cancellation)
    {
        for (var deleted = 0; ;)
        {
            await using var command = source.CreateCommand(Delete);
            _ = command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.KeepClosed });
            _ = command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Step });
            var step = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            deleted += step;
            if (step < Step) { return deleted; }
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) { await Try(stoppingToken).ConfigureAwait(false); }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on.
        }
    }

    private async Task Try(CancellationToken stopping)
    {
        try
        {
            _ = await Purge(stopping).ConfigureAwait(false);
            _ = await ledger.Run(stopping).ConfigureAwait(false);
            await using var denials = source.CreateCommand($"DELETE FROM {ResourceManagerDb.SchemaName}.denial WHERE hour < now() - $1");
            _ = denials.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.KeepDenials });
            _ = await denials.ExecuteNonQueryAsync(stopping).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            LogFailed(log, e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "old reservations could not be deleted; the next round tries again")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
