using A2A.Micro.Persistence;
using A2A.Micro.Scheduler.Tasks;
using Microsoft.EntityFrameworkCore;

namespace A2A.Micro.Scheduler;

/// <summary>The Scheduler's own facts, schema <c>scheduler</c>: tasks as sagas, with inbox and outbox.</summary>
public sealed class SchedulerDb(DbContextOptions<SchedulerDb> options) : ModuleDb(options, "scheduler")
{
    /// <inheritdoc />
    protected override void Map(ModelBuilder model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _ = model.ApplyConfiguration(new TaskSagaMap());
    }
}
