using A2A.Micro.Persistence;
using Microsoft.EntityFrameworkCore;

namespace A2A.Micro.Gateway;

/// <summary>What the Gateway must not forget: which submissions it accepted, and under which keys.</summary>
public sealed class GatewayDb(DbContextOptions<GatewayDb> options) : ModuleDb(options, SchemaName)
{
    /// <summary>The Gateway's schema.</summary>
    public const string SchemaName = "gateway";

    /// <summary>Accepted submissions.</summary>
    public DbSet<Tasks.SubmissionRow> Submissions => Set<Tasks.SubmissionRow>();

    /// <summary>Idempotency keys of the last 24 hours.</summary>
    public DbSet<Tasks.IdempotencyKeyRow> IdempotencyKeys => Set<Tasks.IdempotencyKeyRow>();

    /// <inheritdoc />
    protected override void Map(ModelBuilder model)
    {
        var submission = model.Entity<Tasks.SubmissionRow>();
        _ = submission.ToTable("submission").HasKey(row => row.TaskId);
        _ = submission.Property(row => row.TaskId).HasColumnType("text");
        var key = model.Entity<Tasks.IdempotencyKeyRow>();
        _ = key.ToTable("idempotency_key").HasKey(row => row.Key);
        _ = key.HasIndex(row => row.CreatedAt);
    }
}
