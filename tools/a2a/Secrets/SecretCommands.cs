using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using A2A.Micro.Contracts.Wire;
using Npgsql;

namespace A2A.Micro.Tool.Secrets;

/// <summary><c>a2a secrets</c>: which master keys are still needed to open what is kept.</summary>
internal static partial class SecretCommands
{
    private const string Columns = """
        SELECT format('%I.%I', table_schema, table_name), format('%I', column_name) FROM information_schema.columns
        WHERE table_schema IN ('gateway', 'scheduler', 'resource_manager', 'state_sync') AND data_type IN ('text', 'json', 'jsonb', 'ARRAY')
        ORDER BY 1, 2
        """;

    private const string Letters = "gateway.dead_letter";

    private static readonly Option<string?> Kid = new("--key") { Description = "Only this master key: the exit code is 1 while something needs it." };

    public static Command All() => new("secrets", "What is sealed, and with what") { Keys() };

    private static Command Keys()
    {
        var command = new Command("keys", "The master keys that something kept was sealed with, and in how many rows. One without any may go.") { Kid };
        command.SetAction((parsed, cancellation) => Database.Use(parsed, async database =>
        {
            var found = await Count(database, cancellation);
            if (parsed.GetValue(Kid) is { } kid)
            {
                if (!found.TryGetValue(kid, out var places))
                {
                    Console.WriteLine($"Nothing that is kept needs {kid}.");
                    return 0;
                }

                return await Database.Fail($"{kid} is needed: " + string.Join(", ", places.Select(place => $"{place.Value} rows of {place.Key}")) + ".");
            }

            foreach (var (name, places) in found)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{places.Values.Sum()} rows\t{string.Join(' ', places.Keys)}"));
            }

            return 0;
        }, cancellation));
        return command;
    }

    private static async Task<SortedDictionary<string, SortedDictionary<string, long>>> Count(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var found = await CountText(database, cancellation);
        await CountLetters(database, found, cancellation);
        return found;
    }

    private static async Task<SortedDictionary<string, SortedDictionary<string, long>>> CountText(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var columns = new List<(string Table, string Column)>();
        await using (var read = database.CreateCommand(Columns))
        {
            await using var row = await read.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation)) { columns.Add((row.GetString(0), row.GetString(1))); }
        }

        var found = new SortedDictionary<string, SortedDictionary<string, long>>(StringComparer.Ordinal);
        foreach (var (table, column) in columns)
        {
            // In a seal or a sealed value, also where that lies within a text; and in front of the secret of a webhook.
            await using var count = database.CreateCommand($"""
                SELECT kid[1], count(DISTINCT t.ctid) FROM {table} AS t,
                  regexp_matches(t.{column}::text, '(?:\\*"kid\\*"\s*:\s*\\*"|^wrapped:)([A-Za-z0-9._-]+)', 'g') AS kid
                WHERE t.{column}::text LIKE '%"wrapped%' OR t.{column}::text LIKE 'wrapped:%' GROUP BY 1
                """);
            await using var row = await count.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
            {
                if (!found.TryGetValue(row.GetString(0), out var places)) { found.Add(row.GetString(0), places = new(StringComparer.Ordinal)); }
                places[table] = places.GetValueOrDefault(table) + row.GetInt64(1);
            }
        }

        return found;
    }

    // A message that is parked as it came may be sent again: its body is bytes, and may have travelled compressed.
    private static async Task CountLetters(
        NpgsqlDataSource database, SortedDictionary<string, SortedDictionary<string, long>> found, CancellationToken cancellation)
    {
        await using (var there = database.CreateCommand($"SELECT to_regclass('{Letters}') IS NOT NULL"))
        {
            if (await there.ExecuteScalarAsync(cancellation) is not true) { return; }
        }

        await using var read = database.CreateCommand($"""
            SELECT body FROM {Letters} WHERE state IN ('parked', 'waiting')
              AND (position('wrapped'::bytea IN body) > 0 OR substring(body FROM 1 FOR 2) = '\x1f8b'::bytea)
            """);
        await using var row = await read.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            foreach (var kid in KeysIn(row.GetFieldValue<byte[]>(0)))
            {
                if (!found.TryGetValue(kid, out var places)) { found.Add(kid, places = new(StringComparer.Ordinal)); }
                places[Letters] = places.GetValueOrDefault(Letters) + 1;
            }
        }
    }

    private static IEnumerable<string> KeysIn(byte[] body)
    {
        try
        {
            var text = Encoding.UTF8.GetString(Gzip.Unpack(body));
            return text.Contains("wrapped", StringComparison.Ordinal)
                ? Kids().Matches(text).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)
                : [];
        }
        catch (InvalidDataException)
        {
            // Nobody could send it again either.
            return [];
        }
    }

    [GeneratedRegex("""\\*"kid\\*"\s*:\s*\\*"([A-Za-z0-9._-]+)""")]
    private static partial Regex Kids();
}
