using A2A.Micro.Persistence;
using Microsoft.EntityFrameworkCore;

namespace A2A.Micro.Security;

/// <summary>The database of identities and of the audit: schema <c>security</c>. Read and written with plain SQL only.</summary>
public sealed class SecurityDb(DbContextOptions<SecurityDb> options) : ModuleDb(options, SchemaName)
{
    /// <summary>The schema.</summary>
    public const string SchemaName = "security";

    /// <summary>Only the Gateway knows callers.</summary>
    public override string Role => "a2a_gateway";

    /// <inheritdoc />
    public override IReadOnlyList<string> WrittenOnce { get; } = ["audit"];

    /// <inheritdoc />
    protected override void Map(ModelBuilder model)
    {
        // Few statements over few tables: each store has its SQL, and nothing is derived from a model.
    }
}
