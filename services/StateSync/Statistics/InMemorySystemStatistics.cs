using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.StateSync.States;

namespace A2A.Micro.StateSync.Statistics;

/// <summary>Figures from the documents inside the process.</summary>
public sealed class InMemorySystemStatistics(InMemoryStateStore store, TimeProvider clock) : ISystemStatistics
{
    /// <inheritdoc />
    public Task<SystemStatistics> Read(CancellationToken cancellation)
    {
        var (now, all) = (clock.GetUtcNow(), store.All());
        OpenGroup[] open = [.. all.Where(task => !task.State.IsTerminal()).Select(task => new OpenGroup(task.State, task.TaskType, task.AgentId, 1))];
        TaskDocument[] ended = [.. all.Where(task => task.EndedAt is not null).OrderByDescending(task => task.EndedAt)];
        EndedGroup[] lately =
        [
            .. from seconds in SystemFigures.Windows
               from task in ended
               where task.EndedAt >= now.AddSeconds(-seconds)
               select new EndedGroup(seconds, task.State, 1),
        ];
        return Task.FromResult(SystemFigures.Of(now, open, lately, [.. ended.Take(SystemStatistics.SampleMax)]));
    }

    /// <inheritdoc />
    public Task<IReadOnlyDictionary<string, long>> OpenByTenant(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<string, long>>(store.All().Where(task => !task.State.IsTerminal())
            .CountBy(task => TenantNames.TenantOf(task.TaskId)).ToDictionary(one => one.Key, one => (long)one.Value, StringComparer.Ordinal));
}
