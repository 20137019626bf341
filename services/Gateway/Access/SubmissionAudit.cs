using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Timers;
using A2A.Micro.Security.Audit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.Gateway.Access;

/// <summary>
/// Seals what a Gateway had accepted and not yet sealed when it was killed: a submission says who handed it in, in the commit that was answered, and its
/// trace is that of the row which is missing. One row for each request, as it would have been.
/// </summary>
internal sealed class SubmissionAudit(
    NpgsqlDataSource database, IAuditStore audit, Openness openness, IOptions<GatewayOptions> options, TimeProvider clock, ILogger<SubmissionAudit> log)
    : PeriodicDuty(options.Value.AuditSweepInterval, clock, log)
{
    private const int RowsMax = 1000;

    // "A2A seal" in hexadecimal ASCII: two Gateways that found the same would seal it twice.
    private const long SealLock = 0x41_32_41_20_73_65_61_6c;

    // What is younger its own Gateway may be about to seal.
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Old = TimeSpan.FromHours(1);

    private const string Missing = """
        SELECT split_part(s.trace_parent, '-', 2), max(s.created_at), count(*)::int, min(s.task_id), min(s.task::json #>> '{metadata,a2a.subject}')
        FROM gateway.submission s
        WHERE s.created_at > now() - $1 AND s.created_at < now() - $2 AND s.trace_parent IS NOT NULL AND s.task LIKE '%"a2a.subject"%'
          AND NOT EXISTS (SELECT FROM security.audit a WHERE a.at > now() - 2 * $1 AND a.trace = split_part(s.trace_parent, '-', 2))
        GROUP BY 1 ORDER BY 2 LIMIT $3
        """;

    protected override async Task Round(CancellationToken cancellation)
    {
        if (openness.IsOpen) { return; }
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using (var turn = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection))
        {
            _ = turn.Parameters.AddWithValue(SealLock);
            _ = await turn.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }

        var missing = await Read(connection, cancellation).ConfigureAwait(false);
        if (missing.Count > 0) { await audit.Append(missing, cancellation).ConfigureAwait(false); }
    }

    private async Task<List<AuditEntry>> Read(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Missing, connection);
        _ = command.Parameters.AddWithValue(Old);
        _ = command.Parameters.AddWithValue(options.Value.AuditSweepInterval < Young ? options.Value.AuditSweepInterval : Young);
        _ = command.Parameters.AddWithValue(RowsMax);
        var entries = new List<AuditEntry>();
        await using var row = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await row.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var (count, task) = (row.GetInt32(2), row.GetString(3));
            entries.Add(new AuditEntry
            {
                At = row.GetFieldValue<DateTimeOffset>(1),
                Actor = row.IsDBNull(4) ? "unknown" : row.GetString(4),
                Tenant = TenantNames.TenantOf(task),
                Action = count == 1 ? "submitTask" : "submitBatch",
                Object = count == 1 ? TenantNames.Outside(task) : null,
                Outcome = "done",
                Reason = (count == 1 ? "" : $"{count} tasks; ") + "sealed later: its Gateway ended before it could",
                Trace = row.GetString(0),
            });
        }

        return entries;
    }
}
