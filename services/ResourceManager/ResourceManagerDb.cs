using A2A.Micro.Persistence;
using A2A.Micro.ResourceManager.Allocations;
using Microsoft.EntityFrameworkCore;

namespace A2A.Micro.ResourceManager;

/// <summary>
/// Schema <c>resource_manager</c>. The model holds the allocation sagas; the ledger's own tables are written by set-based SQL only, see
/// <see cref="Ledger.PostgresPool"/> and Migrations/0001_ledger.sql.
/// </summary>
public sealed class ResourceManagerDb(DbContextOptions<ResourceManagerDb> options) : ModuleDb(options, SchemaName)
{
    /// <summary>The schema that nobody else reads.</summary>
    public const string SchemaName = "resource_manager";

    /// <inheritdoc />
    protected override void Map(ModelBuilder model) => model.ApplyConfiguration(new AllocationSagaMap());
}
