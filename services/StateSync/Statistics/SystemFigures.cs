using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.StateSync.Statistics;

/// <summary>So many tasks that have not ended stand so.</summary>
internal sealed record OpenGroup(TaskState State, string TaskType, string? AgentId, long Count);

/// <summary>So many tasks ended so within a window.</summary>
internal sealed record EndedGroup(int Seconds, TaskState State, long Count);

/// <summary>All tasks in figures. Pure.</summary>
internal static class SystemFigures
{
    private const int SharesMax = 100;

    /// <summary>The windows in which ends are counted, in seconds.</summary>
    public static readonly int[] Windows = [60, 600];

    private static readonly TaskState[] States = [.. Enum.GetValues<TaskState>().Where(state => state != TaskState.Unknown)];

    public static SystemStatistics Of(
        DateTimeOffset now, IReadOnlyList<OpenGroup> open, IReadOnlyList<EndedGroup> ended, IReadOnlyList<TaskDocument> sample)
    {
        TaskDocument[] completed = [.. sample.Where(task => task.State == TaskState.Completed)];
        return new SystemStatistics
        {
            At = now,
            Open = States.Where(state => !state.IsTerminal()).ToDictionary(
                state => state.Word(), state => open.Where(group => group.State == state).Sum(group => group.Count)),
            Waiting = open.Where(IsWaiting).Sum(group => group.Count),
            Ended = [.. Windows.Select(seconds => Window(seconds, ended))],
            Sampled = sample.Count,
            Stages = new StageFigures
            {
                WaitingS = DurationFigures.Of(completed.Select(task => HistoryFigures.Seconds(task.CreatedAt, task.StartedAt)).OfType<double>()),
                ExecutionS = DurationFigures.Of(completed.Select(task => HistoryFigures.Seconds(task.StartedAt, task.EndedAt)).OfType<double>()),
                TotalS = DurationFigures.Of(completed.Select(task => HistoryFigures.Seconds(task.CreatedAt, task.EndedAt)).OfType<double>()),
            },
            Types = Shares(open, sample, group => group.TaskType, task => task.TaskType),
            Agents = Shares(open, sample, group => group.AgentId, task => task.AgentId),
        };
    }

    private static bool IsWaiting(OpenGroup group) =>
        group.State is TaskState.Submitted or TaskState.Blocked or TaskState.Queued or TaskState.Offered;

    private static EndedWindow Window(int seconds, IReadOnlyList<EndedGroup> ended)
    {
        var count = States.Where(state => state.IsTerminal()).ToDictionary(
            state => state.Word(), state => ended.Where(group => group.Seconds == seconds && group.State == state).Sum(group => group.Count));
        return new EndedWindow { Seconds = seconds, Count = count, PerSecond = Math.Round((double)count.Values.Sum() / seconds, 3) };
    }

    private static ShareFigures[] Shares(IReadOnlyList<OpenGroup> open, IReadOnlyList<TaskDocument> sample,
        Func<OpenGroup, string?> ofGroup, Func<TaskDocument, string?> ofTask)
    {
        var groups = open.Where(group => ofGroup(group) is not null).ToLookup(group => ofGroup(group)!, StringComparer.Ordinal);
        var tasks = sample.Where(task => ofTask(task) is not null).ToLookup(task => ofTask(task)!, StringComparer.Ordinal);
        return
        [
            .. groups.Select(group => group.Key).Union(tasks.Select(group => group.Key), StringComparer.Ordinal)
                .Select(name => Share(name, [.. groups[name]], [.. tasks[name]]))
                .OrderByDescending(share => share.Running + share.Waiting).ThenByDescending(share => share.Ended)
                .ThenBy(share => share.Name, StringComparer.Ordinal).Take(SharesMax),
        ];
    }

    private static ShareFigures Share(string name, OpenGroup[] open, TaskDocument[] ended)
    {
        var history = HistoryFigures.Of(name, ended);
        return new ShareFigures
        {
            Name = name,
            Waiting = open.Where(IsWaiting).Sum(group => group.Count),
            Running = open.Where(group => !IsWaiting(group)).Sum(group => group.Count),
            Ended = ended.Length,
            Completed = history.Completed,
            Failed = ended.Count(task => task.State is TaskState.Failed or TaskState.Expired),
            Rejected = ended.Count(task => task.State == TaskState.Rejected),
            SuccessRate = history.SuccessRate,
            ExecutionS = history.ExecutionS,
        };
    }
}
