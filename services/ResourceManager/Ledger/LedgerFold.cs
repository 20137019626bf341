using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// Keeps the ledger's history bounded: movements that are old enough become one balance row of their agent, which stands where the last of them
/// stood. The sum of all rows of an agent stays what is held on it, at every row that is left (reliability I8).
/// </summary>
public sealed class LedgerFold(NpgsqlDataSource source, IOptions<ResourceManagerOptions> options)
{
    private const int Step = 10_000;
    private const string Schema = ResourceManagerDb.SchemaName;

    // "A2A fold" in hexadecimal ASCII: one instance folds at a time, and the rounds of the pool do not wait for it.
    private const long FoldLock = 0x41_32_41_20_66_6f_6c_64;

    private static readonly string Fold =
        $"""
        WITH old AS (SELECT seq, agent_id FROM {Schema}.ledger WHERE at < now() - $1 ORDER BY seq LIMIT $2),
             last AS (SELECT agent_id, max(seq) AS seq FROM old GROUP BY agent_id HAVING count(*) > 1),
             gone AS (DELETE FROM {Schema}.ledger l USING old, last
                      WHERE l.seq = old.seq AND last.agent_id = old.agent_id AND old.seq < last.seq RETURNING 1),
             balance AS (UPDATE {Schema}.ledger l SET task_id = '', attempt = 0, gpu_ids = '',
                           {SqlQuantities.Each(", ", name => $"delta_{name} = used_after_{name}")}
                         FROM last WHERE l.seq = last.seq RETURNING 1)
        SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM balance)
        """;

    /// <summary>Folds what is old enough, in small steps; how many rows are gone.</summary>
    public async Task<long> Run(CancellationToken cancellation)
    {
        for (var folded = 0L; ;)
        {
            var step = await FoldSome(cancellation).ConfigureAwait(false);
            folded += step;
            // A step that only finds balances has reached the front of what is left.
            if (step == 0) { return folded; }
        }
    }

    private async Task<long> FoldSome(CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using (var take = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1)", connection))
        {
            _ = take.Parameters.Add(new NpgsqlParameter<long> { TypedValue = FoldLock });
            if (await take.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is not true) { return 0; }
        }

        await using var fold = new NpgsqlCommand(Fold, connection);
        _ = fold.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.KeepLedger });
        _ = fold.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Step });
        var gone = (long)(await fold.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return gone;
    }
}
