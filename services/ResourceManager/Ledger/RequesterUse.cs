using A2A.Micro.Contracts.Resources;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>What each requester has, as it lies in the database: kept beside the reservations, so that no round has to add them up.</summary>
internal static class RequesterUse
{
    private const string Schema = ResourceManagerDb.SchemaName;

    private static readonly string MergeUse =
        $"""
        MERGE INTO {Schema}.requester_use u
        USING unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) AS d (requester, {SqlQuantities.Columns()})
          ON u.requester = d.requester
        WHEN MATCHED THEN UPDATE SET {SqlQuantities.Each(", ", name => $"{name} = u.{name} + d.{name}")}
        WHEN NOT MATCHED THEN INSERT (requester, {SqlQuantities.Columns()})
          VALUES (d.requester, {SqlQuantities.Each(", ", name => $"d.{name}")})
        """;

    /// <summary>Everybody who has something.</summary>
    public static string Select { get; } =
        $"SELECT requester, {SqlQuantities.Columns()} FROM {Schema}.requester_use WHERE {SqlQuantities.Each(" OR ", name => $"{name} > 0")}";

    /// <summary>Reads the current row.</summary>
    public static (string Requester, Quantities Used) Read(NpgsqlDataReader row) => (row.GetString(0), SqlQuantities.Read(row, 1));

    /// <summary>Those who have more or less than before the round.</summary>
    public static IReadOnlyCollection<KeyValuePair<string, Quantities>> Changed(PoolChanges changes) =>
        [.. changes.Use.Where(change => change.Value != Quantities.None)];

    /// <summary>Adds what is more or less.</summary>
    public static NpgsqlBatchCommand Merge(IReadOnlyCollection<KeyValuePair<string, Quantities>> changes)
    {
        var command = new NpgsqlBatchCommand(MergeUse);
        SqlQuantities.Add(command, changes.Select(change => change.Key));
        SqlQuantities.Add(command, [.. changes.Select(change => change.Value)]);
        return command;
    }
}
