using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace A2A.Micro.ResourceManager.Allocations;

/// <summary>Where allocations are stored; the constraints of Migrations/0001_ledger.sql in the model's words.</summary>
public sealed class AllocationSagaMap : IEntityTypeConfiguration<AllocationSaga>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<AllocationSaga> builder)
    {
        _ = builder.ToTable("allocation_saga");
        _ = builder.HasKey(saga => saga.CorrelationId);
        _ = builder.Property(saga => saga.CorrelationId).ValueGeneratedNever();
        _ = builder.Property(saga => saga.Version).IsConcurrencyToken();
        _ = builder.Property(saga => saga.State).IsRequired();
        _ = builder.Property(saga => saga.TaskId).IsRequired();
        _ = builder.Ignore(saga => saga.IsKnownToPool);
    }
}
