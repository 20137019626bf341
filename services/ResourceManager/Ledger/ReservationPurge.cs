using A2A.Micro.Persistence.Timers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Keeps histories bounded, in small steps: deletes reservations and denials of long ago, and has the ledger folded.</summary>
public sealed class ReservationPurge(
    NpgsqlDataSource source, LedgerFold ledger, IOptions<ResourceManagerOptions> options, TimeProvider clock, ILogger<ReservationPurge> log)
    : PeriodicDuty(TimeSpan.FromMinutes(10), clock, log)
{
    private const int Step = 1000;

    private static readonly string Delete =
        $"""
        DELETE FROM {ResourceManagerDb.SchemaName}.reservation WHERE ctid = ANY(ARRAY(
          SELECT ctid FROM {ResourceManagerDb.SchemaName}.reservation WHERE released_at < now() - $1 LIMIT $2))
        """;

    /// <summary>Deletes until none is left that is old enough; how many there were.</summary>
    public Task<int> Purge(CancellationToken cancellation) => InSteps(Step, async size =>
    {
        await using var command = source.CreateCommand(Delete);
        _ = command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.KeepClosed });
        _ = command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = size });
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    });

    /// <inheritdoc />
    protected override async Task Round(CancellationToken cancellation)
    {
        _ = await Purge(cancellation).ConfigureAwait(false);
        _ = await ledger.Run(cancellation).ConfigureAwait(false);
        await using var denials = source.CreateCommand($"DELETE FROM {ResourceManagerDb.SchemaName}.denial WHERE hour < now() - $1");
        _ = denials.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.KeepDenials });
        _ = await denials.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
