using A2A.Micro.Contracts.States;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// Keyset paging over (updated_at descending, task_id ascending), conventions C8. A document that changes while somebody pages moves
/// to the front: a reader meets every unchanged document exactly once and a changed one at most once.
/// </summary>
public static class Paging
{
    /// <summary>Largest page.</summary>
    public const int LimitMax = 200;

    private const long UsPerDay = TimeSpan.TicksPerDay / TimeSpan.TicksPerMicrosecond;

    /// <summary>The size of the page within its bounds.</summary>
    public static int Size(TaskFilter filter) => Math.Clamp(filter.Limit, 1, LimitMax);

    /// <summary>The time of a cursor; one outside the calendar is moved to its end.</summary>
    public static DateTimeOffset TimeOf(TaskCursor cursor) =>
        DateTimeOffset.UnixEpoch
            .AddTicks(Math.Clamp(cursor.UpdatedAtUs, FirstUs, LastUs) * TimeSpan.TicksPerMicrosecond);

    /// <summary>The place of a document.</summary>
    public static TaskCursor CursorOf(TaskDocument document) => new()
    {
        UpdatedAtUs = (document.UpdatedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
        TaskId = document.TaskId,
    };

    /// <summary>Whether a document comes after a place.</summary>
    public static bool IsBehind(TaskDocument document, TaskCursor cursor)
    {
        var at = TimeOf(cursor);
        return document.UpdatedAt < at
            || (document.UpdatedAt == at && string.CompareOrdinal(document.TaskId, cursor.TaskId) > 0);
    }

    /// <summary>A page out of the documents that were found, of which there is one more than its size when it is not the last.</summary>
    public static TaskPage Page(IReadOnlyList<TaskDocument> found, TaskFilter filter)
    {
        var size = Size(filter);
        return found.Count <= size
            ? new TaskPage { Tasks = found }
            : new TaskPage { Tasks = [.. found.Take(size)], Next = CursorOf(found[size - 1]) };
    }

    // Whole days, clear of the rounding at both ends of .NET's calendar.
    private static readonly long FirstUs = -(DateTimeOffset.UnixEpoch - DateTimeOffset.MinValue).Days * UsPerDay;
    private static readonly long LastUs = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Days * UsPerDay;
}
