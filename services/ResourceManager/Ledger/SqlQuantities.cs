using A2A.Micro.Contracts.Resources;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Quantities as five columns of a row and as five array parameters of a set-based statement.</summary>
internal static class SqlQuantities
{
    /// <summary>The columns, in the order in which they are written and read.</summary>
    public static readonly string[] Names = ["slots", "cpu_milli", "memory_mib", "storage_mib", "gpus"];

    /// <summary>The columns with a prefix, separated by commas.</summary>
    public static string Columns(string prefix = "") => string.Join(", ", Names.Select(name => prefix + name));

    /// <summary>Something said about each column.</summary>
    public static string Each(string between, Func<string, string> say) => string.Join(between, Names.Select(say));

    /// <summary>Five array parameters.</summary>
    public static void Add(NpgsqlBatchCommand command, IReadOnlyCollection<Quantities> rows)
    {
        foreach (var dimension in Dimension.All) { Add(command, rows.Select(dimension.Of)); }
    }

    /// <summary>One array parameter.</summary>
    public static void Add(NpgsqlBatchCommand command, IEnumerable<long> values) =>
        Add(command, values, NpgsqlDbType.Bigint);

    /// <summary>One array parameter; elements may be null.</summary>
    public static void Add(NpgsqlBatchCommand command, IEnumerable<string?> values) =>
        Add(command, values, NpgsqlDbType.Text);

    /// <summary>One array parameter.</summary>
    public static void Add<T>(NpgsqlBatchCommand command, IEnumerable<T> values, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = values.ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | type
        });

    /// <summary>Five columns, from <paramref name="at"/> on.</summary>
    public static Quantities Read(NpgsqlDataReader row, int at) => new(
        row.GetInt64(at), row.GetInt64(at + 1), row.GetInt64(at + 2), row.GetInt64(at + 3), row.GetInt64(at + 4));
}
