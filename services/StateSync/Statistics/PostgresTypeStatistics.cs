using A2A.Micro.Contracts.States;
using A2A.Micro.StateSync.States;
using Microsoft.EntityFrameworkCore;

namespace A2A.Micro.StateSync.Statistics;

/// <summary>History from PostgreSQL: a range of one index, at most a thousand documents without what may be large.</summary>
public sealed class PostgresTypeStatistics(IDbContextFactory<StateSyncDb> databases) : ITypeStatistics
{
    /// <inheritdoc />
    public async Task<TaskTypeStatistics> Of(string taskType, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation).ConfigureAwait(false);
        var rows = await db.TaskStates.AsNoTracking()
            .Where(row => row.TaskType == taskType && row.EndedAt != null)
            .OrderByDescending(row => row.EndedAt)
            .Take(TaskTypeStatistics.SampleMax)
            .Select(row => row.Document)
            .ToListAsync(cancellation).ConfigureAwait(false);
        return HistoryFigures.Of(taskType, rows.ConvertAll(StoredJson.Read<TaskDocument>));
    }
}
