using A2A.Micro.Persistence;
using A2A.Micro.StateSync.States;
using Microsoft.EntityFrameworkCore;

namespace A2A.Micro.StateSync;

/// <summary>The database of StateSync: schema <c>state_sync</c>.</summary>
public sealed class StateSyncDb(DbContextOptions<StateSyncDb> options) : ModuleDb(options, SchemaName)
{
    /// <summary>The schema, for set-based SQL.</summary>
    public const string SchemaName = "state_sync";

    /// <summary>One row per task: its document as it is now.</summary>
    public DbSet<TaskStateRow> TaskStates => Set<TaskStateRow>();

    /// <summary>One row per version of a document.</summary>
    public DbSet<StateChangeRow> StateChanges => Set<StateChangeRow>();

    /// <summary>What came before its time.</summary>
    public DbSet<HeldRow> Held => Set<HeldRow>();

    /// <summary>What lists can be narrowed by.</summary>
    public DbSet<TaskLabelRow> TaskLabels => Set<TaskLabelRow>();

    /// <summary>Whether a task belongs to a tenant; in queries only. The database's own function, of which the planner expects that it is often true.</summary>
    public static bool IsOfTenant(string taskId, string tenant) => throw new NotSupportedException($"{taskId}, {tenant}: in queries only");

    /// <inheritdoc />
    protected override void Map(ModelBuilder model)
    {
        _ = model.HasDbFunction(typeof(StateSyncDb).GetMethod(nameof(IsOfTenant))!).HasName("is_of_tenant");
        _ = model.Entity<TaskStateRow>().ToTable("task_state").HasKey(row => row.TaskId);
        _ = model.Entity<StateChangeRow>().ToTable("state_change").HasKey(row => new { row.TaskId, row.Version });
        _ = model.Entity<TaskLabelRow>().ToTable("task_label").HasKey(row => new { row.Label, row.TaskId });
        _ = model.Entity<HeldRow>().ToTable("held").HasKey(row => new { row.TaskId, row.Kind, row.Number });
    }
}
