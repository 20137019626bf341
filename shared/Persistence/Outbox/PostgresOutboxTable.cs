using Microsoft.Extensions.Logging;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.Persistence.Outbox;

/// <summary>Outbox rows in the service's own schema; claims are leases, never held locks (reliability section 4).</summary>
internal sealed partial class PostgresOutboxTable<TDb> : IOutboxTable<TDb> where TDb : ModuleDb
{
    private readonly NpgsqlDataSource _source;
    private readonly string _table;
    private readonly ILogger<PostgresOutboxTable<TDb>> _log;

    public PostgresOutboxTable(NpgsqlDataSource source, IDbContextFactory<TDb> databases, ILogger<PostgresOutboxTable<TDb>> log)
    {
        (_source, _log) = (source, log);
        using var db = databases.CreateDbContext();
        _table = db.Schema + ".outbox";
    }

    public bool IsDurable => true;

    public NpgsqlBatchCommand Insert(IReadOnlyCollection<Outgoing> messages, TimeSpan claimFor) =>
        new($"insert into {_table} (id, message, claimed_until) select m.id, m.message::json, now() + $3 from unnest($1, $2) as m(id, message)")
        {
            Parameters =
            {
                Ids(messages.Select(message => message.Id)),
                new NpgsqlParameter<string[]>
                {
                    TypedValue = [.. messages.Select(message => JsonSerializer.Serialize(message, WireJson.Options))],
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                },
                new NpgsqlParameter<TimeSpan> { TypedValue = claimFor },
            },
        };

    public async Task<IReadOnlyList<Outgoing>> Claim(int limit, TimeSpan claimFor, CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand($"""
            update {_table} set claimed_until = now() + $2
            where id in (select id from {_table} where claimed_until <= now() order by id limit $1 for update skip locked)
            returning id, message
            """);
        _ = command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        _ = command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = claimFor });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var rows = new List<Outgoing>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            try
            {
                rows.Add(JsonSerializer.Deserialize<Outgoing>(reader.GetString(1), WireJson.Options)!);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
            {
                // Another version of this service wrote it, and may be back: it stays, and holds nobody up.
                LogUnreadable(_log, e, reader.GetGuid(0));
            }
        }

        rows.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        return rows;
    }

    public async Task Sent(IReadOnlyList<Guid> ids, CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand($"delete from {_table} where id = any($1)");
        _ = command.Parameters.Add(Ids(ids));
        _ = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    public async Task<long> Count(CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand($"select count(*) from {_table}");
        return (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    [LoggerMessage(LogLevel.Error, "row {Id} of the outbox cannot be read by this version; it stays there")]
    private static partial void LogUnreadable(ILogger log, Exception exception, Guid id);

    private static NpgsqlParameter<Guid[]> Ids(IEnumerable<Guid> ids) =>
        new() { TypedValue = [.. ids], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid };
}
