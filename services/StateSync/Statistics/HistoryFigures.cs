using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.Statistics;

/// <summary>What the ended tasks of one type say. Pure.</summary>
public static class HistoryFigures
{
    /// <summary>The figures of these documents.</summary>
    public static TaskTypeStatistics Of(string taskType, IReadOnlyCollection<TaskDocument> ended)
    {
        var completed = ended.Where(task => task.State == TaskState.Completed).ToList();
        var cancelled = ended.Count(task => task.State == TaskState.Cancelled);
        var judged = ended.Count - cancelled;
        return new TaskTypeStatistics
        {
            TaskType = taskType,
            Count = ended.Count,
            Completed = completed.Count,
            Cancelled = cancelled,
            SuccessRate = judged == 0 ? null : Math.Round((double)completed.Count / judged, 4),
            ExecutionS = DurationFigures.Of(completed.Select(task => Seconds(task.StartedAt, task.EndedAt)).OfType<double>()),
            TotalS = DurationFigures.Of(completed.Select(task => Seconds(task.CreatedAt, task.EndedAt)).OfType<double>()),
        };
    }

    /// <summary>How long something took. The clocks of two instances differ: what seems to end before it began took no time.</summary>
    public static double? Seconds(DateTimeOffset? begin, DateTimeOffset? end) => end - begin is { } took ? Math.Max(0, took.TotalSeconds) : null;
}
