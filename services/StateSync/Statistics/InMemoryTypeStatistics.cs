using A2A.Micro.Contracts.States;
using A2A.Micro.StateSync.States;

namespace A2A.Micro.StateSync.Statistics;

/// <summary>History from the documents inside the process.</summary>
public sealed class InMemoryTypeStatistics(InMemoryStateStore store) : ITypeStatistics
{
    /// <inheritdoc />
    public Task<TaskTypeStatistics> Of(string taskType, CancellationToken cancellation) =>
        Task.FromResult(HistoryFigures.Of(taskType, store.LastEnded(taskType, TaskTypeStatistics.SampleMax)));
}
