using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Policy;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>What each requester has, as it lies in the database: kept beside the reservations, so that no round has to add them up.</summary>
internal static class RequesterUse
{
    private const string Schema = ResourceManagerDb.SchemaName;

    private static readonly string UpsertUse =
        $"""
        INSERT INTO {Schema}.requester_use AS u (requester, {SqlQuantities.Columns()})
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
        ON CONFLICT (requester) DO UPDATE SET {SqlQuantities.Each(", ", name => $"{name} = excluded.{name}")}
        """;

    private static readonly string SelectRequesters =
        $"SELECT requester, {SqlQuantities.Columns()} FROM {Schema}.requester_use WHERE {SqlQuantities.Each(" OR ", name => $"{name} > 0")}";

    // Slots alone are counted of a tenant.
    private static readonly string SelectTenants =
        $"""
        SELECT '@' || CASE WHEN strpos(task_id, '@') > 0 THEN split_part(task_id, '@', 1) ELSE '{TenantNames.Default}' END,
               {SqlQuantities.Each(", ", name => name == "slots" ? "sum(slots)::bigint" : "0::bigint")}
        FROM {Schema}.reservation WHERE released_at IS NULL GROUP BY 1
        """;

    /// <summary>Everybody who has something; with the tenants where what they may have is limited.</summary>
    public static string Select(LineRules rules) => rules.TenantMax > 0 ? $"{SelectRequesters} UNION ALL {SelectTenants}" : SelectRequesters;

    /// <summary>Reads the current row.</summary>
    public static (string Requester, Quantities Used) Read(NpgsqlDataReader row) => (row.GetString(0), SqlQuantities.Read(row, 1));

    /// <summary>Those who have more or less than before the round, and what they have now.</summary>
    public static IReadOnlyCollection<KeyValuePair<string, Quantities>> Changed(Pool pool, PoolChanges changes) =>
    [
        .. changes.Use.Where(change => change.Value != Quantities.None)
            .Select(change => KeyValuePair.Create(change.Key, pool.Use.GetValueOrDefault(change.Key))),
    ];

    /// <summary>Writes what they have now; right because no other round came between.</summary>
    public static NpgsqlBatchCommand Write(IReadOnlyCollection<KeyValuePair<string, Quantities>> now)
    {
        var command = new NpgsqlBatchCommand(UpsertUse);
        SqlQuantities.Add(command, now.Select(one => one.Key));
        SqlQuantities.Add(command, [.. now.Select(one => one.Value)]);
        return command;
    }
}
