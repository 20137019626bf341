using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Estimates;

/// <summary>
/// What history says about a deadline. Pure. Nothing is said on fewer than <c>EstimateSamplesMin</c> completed tasks. A deadline is
/// impossible when less time is left than 19 of 20 executions took; it is at risk when it would not be met by an execution as long
/// as the slowest of 20; and one is suggested that holds such a one, waiting included, and a fifth of it more.
/// </summary>
public static class DeadlineRules
{
    private const double Reserve = 1.2;

    /// <summary>Whether work of this kind cannot be done by then.</summary>
    public static bool IsImpossible(TaskTypeStatistics history, int samplesMin, DateTimeOffset deadline, DateTimeOffset now) =>
        Known(history, samplesMin) is { } execution && now.AddSeconds(execution.P05) > deadline;

    /// <summary>A deadline that would most likely be met; null when history is too short to say.</summary>
    public static DateTimeOffset? Suggest(TaskTypeStatistics history, int samplesMin, DateTimeOffset now) =>
        Known(history, samplesMin) is null || history.TotalS is not { } total
            ? null
            : now.AddSeconds(Math.Max(1, Math.Ceiling(total.P95 * Reserve)));

    /// <summary>Whether a task that has not ended may miss its deadline; null when there is none or history is too short.</summary>
    public static bool? IsAtRisk(TaskTypeStatistics history, int samplesMin, TaskDocument task, DateTimeOffset now)
    {
        if (task.Deadline is not { } deadline || task.State.IsTerminal() || Known(history, samplesMin) is not { } execution) { return null; }
        var begin = task is { State: TaskState.Running, StartedAt: { } started } ? started : now;
        var end = begin.AddSeconds(execution.P95);
        return (end > now ? end : now) > deadline;
    }

    private static DurationFigures? Known(TaskTypeStatistics history, int samplesMin) =>
        history.Completed >= samplesMin ? history.ExecutionS : null;
}
