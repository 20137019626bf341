using Npgsql;

namespace A2A.Micro.Bench.Measuring;

/// <summary>What PostgreSQL itself counts about one database.</summary>
public sealed class DatabaseCounters(NpgsqlDataSource source)
{
    private const string Question = """
        select pg_stat_clear_snapshot(), xact_commit, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint
        from pg_stat_database where datname = current_database()
        """;

    /// <summary>The counters now. Backends report theirs at most once a second, so short measurements are blurred.</summary>
    public async Task<Counted> Read(CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(Question);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        _ = await reader.ReadAsync(cancellation);
        return new Counted(reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>One look.</summary>
    /// <param name="Commits">Transactions committed.</param>
    /// <param name="WalBytes">Bytes written ahead, by the whole server.</param>
    public sealed record Counted(long Commits, long WalBytes);
}
