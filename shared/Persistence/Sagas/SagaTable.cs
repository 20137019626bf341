using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>
/// The SQL of one saga table, derived from the EF model. Every statement does many sagas at once: the hot path is one load and one commit
/// statement however many messages are in flight.
/// </summary>
internal sealed class SagaTable<TSaga> where TSaga : SagaRow, new()
{
    private static readonly TSaga Blank = new();

    private readonly SagaColumn<TSaga>[] _columns;
    private readonly SagaColumn<TSaga>[] _usual;
    private readonly string _load;
    private readonly string[] _commit;
    private readonly string _said;
    private readonly string _takeDue;
    private readonly string _purge;
    private readonly string _purgeExpired;
    private readonly string _kind;

    public SagaTable(ModuleDb db)
    {
        var entity = db.Model.FindEntityType(typeof(TSaga))
            ?? throw new InvalidOperationException($"{typeof(TSaga).Name} is not in the model of {db.GetType().Name}");
        _columns = [.. entity.GetProperties().OrderBy(property => property.GetColumnName(), StringComparer.Ordinal)
            .Select(SagaColumn<TSaga>.From)];
        _usual = [.. _columns.Where(column => !column.IsSeldom)];
        _kind = entity.GetTableName()!;
        var table = $"{db.Schema}.{_kind}";
        var inbox = $"{db.Schema}.inbox";
        _load = $"""
            select asked.place, seen.message_id is not null, seen.outgoing, {string.Join(", ", _columns.Select(column => "saga." + column.Name))}
            from unnest($1, $2) with ordinality as asked(saga_id, message_id, place)
            left join {inbox} seen on seen.message_id = asked.message_id and seen.consumer = $3
            left join {table} saga on saga.correlation_id = asked.saga_id
            """;
        _said = $"""
            select outgoing::text from {inbox}
            where consumed_at between $2 and $3 and consumer = $4 and outgoing is not null and strpos(outgoing::text, $1) > 0
            order by consumed_at
            """;
        _commit =
        [
            CommitSql(table, inbox, _columns, withEarlier: false), CommitSql(table, inbox, _columns, withEarlier: true),
            CommitSql(table, inbox, _usual, withEarlier: false), CommitSql(table, inbox, _usual, withEarlier: true),
        ];
        _takeDue = $"""
            update {table} set due_at = now() + $2
            where correlation_id in (
                select correlation_id from {table} where due_at <= now() order by due_at limit $1 for update skip locked)
            returning correlation_id, now()
            """;
        _purge = $"""
            delete from {inbox} where ctid = any(array(
                select ctid from {inbox} where consumer = $1 and consumed_at < now() - $2 limit $3))
            """;
        _purgeExpired = $"""
            delete from {table} where ctid = any(array(select ctid from {table} where expires_at < now() limit $1))
            """;
    }

    /// <summary>Sagas and inbox rows of many messages, in their order.</summary>
    public NpgsqlBatchCommand Load(IReadOnlyList<(Guid SagaId, Guid MessageId)> asked) => new(_load)
    {
        Parameters =
        {
            Array(asked.Select(pair => pair.SagaId).ToArray(), NpgsqlDbType.Uuid),
            Array(asked.Select(pair => pair.MessageId).ToArray(), NpgsqlDbType.Uuid),
            new NpgsqlParameter<string> { TypedValue = _kind },
        },
    };

    /// <summary>Writes the units whose version still holds and whose message is new, with their inbox rows; returns the saga ids of those.</summary>
    public NpgsqlBatchCommand Commit(IReadOnlyList<UnitOfWork<TSaga>> units)
    {
        // One statement for all or none: two would take the locks in two orders.
        var isUsual = _usual.Length < _columns.Length && units.All(IsUsual);
        var earlier = units.SelectMany(unit => unit.Earlier, (unit, before) => (SagaId: unit.Saga!.CorrelationId, Unit: before)).ToArray();
        var command = new NpgsqlBatchCommand(_commit[(isUsual ? 2 : 0) + (earlier.Length > 0 ? 1 : 0)]);
        var sagas = units.Select(unit => unit.Saga!).ToArray();
        foreach (var column in isUsual ? _usual : _columns) { command.Parameters.Add(column.Parameter(sagas)); }
        command.Parameters.Add(Array(units.Select(unit => unit.MessageId).ToArray(), NpgsqlDbType.Uuid));
        command.Parameters.Add(Array(units.Select(OutgoingJson.Write).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _kind });
        if (earlier.Length == 0) { return command; }
        command.Parameters.Add(Array(earlier.Select(pair => pair.SagaId).ToArray(), NpgsqlDbType.Uuid));
        command.Parameters.Add(Array(earlier.Select(pair => pair.Unit.MessageId).ToArray(), NpgsqlDbType.Uuid));
        command.Parameters.Add(Array(earlier.Select(pair => OutgoingJson.Write(pair.Unit)).ToArray(), NpgsqlDbType.Text));
        return command;
    }

    public NpgsqlBatchCommand Said(string text, DateTimeOffset from, DateTimeOffset to) => new(_said)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = text },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = from.ToUniversalTime() },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = to.ToUniversalTime() },
            new NpgsqlParameter<string> { TypedValue = _kind },
        },
    };

    public NpgsqlBatchCommand TakeDue(int limit, TimeSpan again) => new(_takeDue)
    {
        Parameters = { new NpgsqlParameter<int> { TypedValue = limit }, new NpgsqlParameter<TimeSpan> { TypedValue = again } },
    };

    public NpgsqlBatchCommand Purge(TimeSpan age, int limit) => new(_purge)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = _kind },
            new NpgsqlParameter<TimeSpan> { TypedValue = age },
            new NpgsqlParameter<int> { TypedValue = limit },
        },
    };

    public NpgsqlBatchCommand PurgeExpired(int limit) => new(_purgeExpired)
    {
        Parameters = { new NpgsqlParameter<int> { TypedValue = limit } },
    };

    /// <summary>One row of <see cref="Load"/>.</summary>
    public (int Place, Loaded<TSaga> Loaded) Read(NpgsqlDataReader reader)
    {
        const int First = 3;
        var repeated = reader.GetBoolean(1) ? OutgoingJson.Read(reader.IsDBNull(2) ? null : reader.GetString(2)) : null;
        var key = System.Array.FindIndex(_columns, column => column.Name == "correlation_id");
        TSaga? saga = null;
        if (!reader.IsDBNull(First + key))
        {
            saga = new TSaga();
            for (var i = 0; i < _columns.Length; i++) { _columns[i].Read(reader, First + i, saga); }
        }

        return ((int)reader.GetInt64(0) - 1, new Loaded<TSaga>(saga, repeated));
    }

    private bool IsUsual(UnitOfWork<TSaga> unit)
    {
        var before = unit.Saga!.Version == 0 ? Blank : unit.Before;
        return before is not null && _columns.All(column => !column.IsSeldom || column.IsSame(unit.Saga, before));
    }

    private string CommitSql(string table, string inbox, SagaColumn<TSaga>[] columns, bool withEarlier)
    {
        var count = columns.Length;
        var names = string.Join(", ", columns.Select(column => column.Name));
        var arrays = string.Join(", ", columns.Select((column, i) => $"${i + 1}::{column.TravelType}[]"));
        string Value(SagaColumn<TSaga> column) =>
            column.Name == "version" ? "new.version + 1" : $"new.{column.Name}::{column.StoreType}";
        var left = _columns.Except(columns).ToArray();
        var all = string.Join(", ", columns.Concat(left).Select(column => column.Name));
        var values = string.Join(", ", columns.Select(Value).Concat(left.Select(column => column.Literal(Blank))));
        var sets = string.Join(", ", columns.Where(column => column.Name != "correlation_id" && !column.IsFixed)
            .Select(column => $"{column.Name} = {Value(column)}"));
        var earlier = $"unnest(${count + 4}::uuid[], ${count + 5}::uuid[], ${count + 6}::text[]) as earlier(saga_id, message_id, outgoing)";
        var earlierAreNew = !withEarlier ? "" : $"""

                and (new.correlation_id in (
                    select earlier.saga_id from {earlier} join {inbox} seen on seen.message_id = earlier.message_id
                    where seen.consumer = ${count + 3})) is not true
            """;
        var rememberEarlier = !withEarlier ? "" : $"""

                union all select earlier.message_id, ${count + 3}, now(), earlier.outgoing::json from {earlier}
                where (earlier.saga_id in (select correlation_id from written)) is true
            """;
        return $"""
            with new as (
                select * from unnest({arrays}, ${count + 1}::uuid[], ${count + 2}::text[]) as new({names}, message_id, outgoing)
                where (new.message_id in (
                    select seen.message_id from {inbox} seen
                    where seen.message_id = any(${count + 1}::uuid[]) and seen.consumer = ${count + 3})) is not true{earlierAreNew}),
            changed as (
                update {table} saga set {sets} from new
                where new.version > 0 and saga.correlation_id = new.correlation_id and saga.version = new.version
                returning saga.correlation_id),
            created as (
                insert into {table} ({all}) select {values} from new where new.version = 0
                on conflict do nothing returning correlation_id),
            written as (select correlation_id from changed union all select correlation_id from created),
            remembered as (
                insert into {inbox} (message_id, consumer, consumed_at, outgoing)
                select new.message_id, ${count + 3}, now(), new.outgoing::json from new
                -- "is true" keeps the planner from making a join of it, row by row, where one hashed look-up will do
                where (new.correlation_id in (select correlation_id from written)) is true{rememberEarlier}
                on conflict do nothing)
            select correlation_id from written
            """;
    }

    private static NpgsqlParameter<T[]> Array<T>(T[] values, NpgsqlDbType type) =>
        new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
}
