using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace A2A.Micro.Persistence;

/// <summary>
/// The database of one service: one schema that nobody else reads. The model names tables and columns in snake case and is the one
/// description from which the set-based SQL of the hot path is derived; the schema itself is made by numbered SQL migrations, and a
/// test holds the two together.
/// </summary>
public abstract class ModuleDb(DbContextOptions options, string schema) : DbContext(options)
{
    /// <summary>The service's schema.</summary>
    public string Schema { get; } = schema;

    /// <summary>The role in which the service runs that owns nothing, where the installation has one.</summary>
    public virtual string Role => "a2a_" + Schema;

    /// <summary>Tables whose rows the service adds and never changes.</summary>
    public virtual IReadOnlyList<string> WrittenOnce => [];

    /// <inheritdoc />
    protected sealed override void OnModelCreating(ModelBuilder modelBuilder)
    {
        _ = modelBuilder.HasDefaultSchema(Schema);
        Map(modelBuilder);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        }
    }

    /// <summary>Tables, bounds, keys and indexes of this service.</summary>
    protected abstract void Map(ModelBuilder model);
}
