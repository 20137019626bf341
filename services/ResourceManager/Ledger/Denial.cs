using A2A.Micro.Contracts.Resources;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>The history of denials: hour by hour, how many claims and submissions were denied for good, and for want of what.</summary>
internal static class Denial
{
    /// <summary>Most lines of an answer.</summary>
    public const int LinesMax = 1000;

    private const string Schema = ResourceManagerDb.SchemaName;

    private static readonly string Upsert =
        $"""
        INSERT INTO {Schema}.denial AS d (hour, code, dimension, task_type, count, last_at, last_task)
        VALUES (date_trunc('hour', now(), 'UTC'), $1, $2, $3, $5, now(), $4)
        ON CONFLICT (hour, code, dimension, task_type) DO UPDATE
        SET count = d.count + excluded.count, last_at = excluded.last_at, last_task = excluded.last_task
        """;

    private static readonly string Select =
        $"""
        SELECT hour, code, dimension, task_type, count, last_at, last_task FROM {Schema}.denial
        WHERE hour >= $1 ORDER BY hour DESC, count DESC, code, dimension, task_type
        """;

    /// <summary>The beginning of the hour of a moment.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero);

    /// <summary>So many more.</summary>
    public static async Task Note(NpgsqlDataSource source, SubmissionsRefused refused, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(Upsert);
        foreach (var value in new[] { refused.Code, refused.Dimension, refused.TaskType, refused.LastTaskId })
        {
            _ = command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        }

        _ = command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = refused.Count });

        _ = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Those of the last hours.</summary>
    public static async Task<DenialHistory> Since(NpgsqlDataSource source, DateTimeOffset now, int hours, CancellationToken cancellation)
    {
        var since = HourOf(now) - TimeSpan.FromHours(hours - 1);
        await using var command = source.CreateCommand(Select);
        _ = command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = since });
        await using var row = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var lines = new List<DenialCount>();
        while (await row.ReadAsync(cancellation).ConfigureAwait(false))
        {
            lines.Add(new DenialCount
            {
                Hour = row.GetFieldValue<DateTimeOffset>(0),
                Code = row.GetString(1),
                Dimension = row.GetString(2),
                TaskType = row.GetString(3),
                Count = row.GetInt64(4),
                LastAt = row.GetFieldValue<DateTimeOffset>(5),
                LastTaskId = row.GetString(6),
            });
        }

        return Of(lines, since, now);
    }

    /// <summary>The answer; the lines come the latest first.</summary>
    public static DenialHistory Of(IReadOnlyList<DenialCount> lines, DateTimeOffset since, DateTimeOffset now) => new()
    {
        Since = since,
        At = now,
        Dimensions =
        [
            .. lines.GroupBy(line => line.Dimension, StringComparer.Ordinal)
                .Select(group => new DenialTotal { Dimension = group.Key, Count = group.Sum(line => line.Count) })
                .OrderByDescending(total => total.Count).ThenBy(total => total.Dimension, StringComparer.Ordinal),
        ],
        Denials = [.. lines.Take(LinesMax)],
    };
}

/// <summary>The same inside a process, for as many lines as fit.</summary>
internal sealed class DenialMemory(TimeProvider clock)
{
    private const int LinesMax = 10_000;

    private readonly Dictionary<(DateTimeOffset Hour, string Code, string Dimension, string TaskType), DenialCount> _lines = [];
    private readonly Lock _lock = new();

    /// <summary>So many more.</summary>
    public void Note(SubmissionsRefused refused)
    {
        var now = clock.GetUtcNow();
        var key = (Denial.HourOf(now), refused.Code, refused.Dimension, refused.TaskType);
        lock (_lock)
        {
            if (_lines.Count >= LinesMax && !_lines.ContainsKey(key)) { _ = _lines.Remove(_lines.Keys.Min()); }
            _lines[key] = new DenialCount
            {
                Hour = key.Item1,
                Code = refused.Code,
                Dimension = refused.Dimension,
                TaskType = refused.TaskType,
                Count = (_lines.TryGetValue(key, out var known) ? known.Count : 0) + refused.Count,
                LastAt = now,
                LastTaskId = refused.LastTaskId,
            };
        }
    }

    /// <summary>Those of the last hours.</summary>
    public DenialHistory Since(int hours)
    {
        var now = clock.GetUtcNow();
        var since = Denial.HourOf(now) - TimeSpan.FromHours(hours - 1);
        lock (_lock)
        {
            return Denial.Of(
                [
                    .. _lines.Values.Where(line => line.Hour >= since).OrderByDescending(line => line.Hour).ThenByDescending(line => line.Count)
                        .ThenBy(line => line.TaskType, StringComparer.Ordinal),
                ], since, now);
        }
    }
}
