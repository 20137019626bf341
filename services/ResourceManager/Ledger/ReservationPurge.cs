using A2A.Micro.Persistence.Timers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Deletes reservations that ended long ago, in small steps. The ledger keeps every movement.</summary>
public sealed class ReservationPurge(
    NpgsqlDataSource source, IOptions<ResourceManagerOptions> options, TimeProvider clock, ILogger<ReservationPurge> log)
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
    protected override Task Round(CancellationToken cancellation) => Purge(cancellation);
}
