using A2A.Micro.Persistence.Outbox;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>
/// Tells changed reasons from the tables: one transaction marks the claims and stores the messages. It takes the pool's lock, because a
/// round deletes the same rows and two orders of locking them would be one too many.
/// </summary>
internal sealed class PostgresTeller(
    NpgsqlDataSource source, IOutbox<ResourceManagerDb> outbox, TimeSpan knownFor, LineRules rules, TimeProvider clock)
{
    private const string Schema = ResourceManagerDb.SchemaName;

    private static readonly string MarkLate =
        $"""
        WITH late AS (
          SELECT c.task_id, c.attempt, d.class, d.code
          FROM unnest($1::uuid[], $2::text[]) AS d (class, code)
          JOIN {Schema}.claim c ON c.class = d.class AND c.told <> d.code AND c.told <> '{Dealer.Preempting}'
          ORDER BY c.key_us, c.deadline_us, c.enqueued_us, c.task_id, c.attempt LIMIT $3)
        UPDATE {Schema}.claim c SET told = late.code FROM late
        WHERE c.task_id = late.task_id AND c.attempt = late.attempt
        RETURNING c.task_id, c.attempt, c.trace_parent, late.class
        """;

    /// <summary>Tells at most so many; returns how many.</summary>
    public async Task<int> Tell(int most, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var reasons = await Reasons(connection, cancellation).ConfigureAwait(false);
        if (reasons.Count == 0) { return 0; }
        var messages = await Mark(connection, reasons, most, cancellation).ConfigureAwait(false);
        if (messages.Count == 0) { return 0; }
        await using (var batch = new NpgsqlBatch(connection) { BatchCommands = { outbox.Insert(messages) } })
        {
            _ = await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        await outbox.Committed(messages, cancellation).ConfigureAwait(false);
        return messages.Count;
    }

    private async Task<IReadOnlyList<ClassReason>> Reasons(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock($1)")
                {
                    Parameters = { new NpgsqlParameter<long> { TypedValue = PoolReader.PoolLock } },
                },
                new NpgsqlBatchCommand("SELECT now()"),
                new NpgsqlBatchCommand(AgentRow.Select),
                new NpgsqlBatchCommand(PoolReader.SelectHeads),
                new NpgsqlBatchCommand(RequesterUse.Select(rules)),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var now = (await PoolReader.Rows(reader, row => row.GetFieldValue<DateTimeOffset>(0), cancellation).ConfigureAwait(false))[0];
        var agents = await PoolReader.Rows(reader, AgentRow.Read, cancellation).ConfigureAwait(false);
        var heads = await PoolReader.Rows(reader, PoolReader.ReadClaim, cancellation).ConfigureAwait(false);
        var use = await PoolReader.Rows(reader, RequesterUse.Read, cancellation).ConfigureAwait(false);
        return ReasonTeller.Of(heads, agents.ConvertAll(PostgresViews.Agent), now, knownFor,
            new LineScene(rules, use.ToDictionary(one => one.Requester, one => one.Used, StringComparer.Ordinal)));
    }

    private async Task<List<Outgoing>> Mark(
        NpgsqlConnection connection, IReadOnlyList<ClassReason> reasons, int most, CancellationToken cancellation)
    {
        var byClass = reasons.ToDictionary(reason => reason.Class);
        var mark = new NpgsqlBatchCommand(MarkLate);
        SqlQuantities.Add(mark, reasons.Select(reason => reason.Class), NpgsqlDbType.Uuid);
        SqlQuantities.Add(mark, reasons.Select(reason => reason.Code));
        mark.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { mark } };
        await using var row = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var messages = new List<Outgoing>();
        while (await row.ReadAsync(cancellation).ConfigureAwait(false))
        {
            messages.Add(ReasonTeller.Message(
                new AttemptKey(row.GetString(0), row.GetInt32(1)), row.IsDBNull(2) ? null : row.GetString(2),
                byClass[row.GetGuid(3)], clock));
        }

        return messages;
    }
}
