namespace A2A.Micro.Persistence.Migrations;

/// <summary>Brings one schema up to date.</summary>
public interface IMigrator
{
    /// <summary>Returns when it is; in a role that may not change it, when it has seen that nothing is missing.</summary>
    /// <exception cref="PendingMigrationsException">Something is missing, and this role may not change it.</exception>
    Task Migrate(CancellationToken cancellation);
}

/// <summary>The schema is not what this version needs, and the role of this process may not change it.</summary>
/// <param name="schema">The schema.</param>
/// <param name="role">The role.</param>
/// <param name="missing">The scripts that were not run.</param>
public sealed class PendingMigrationsException(string schema, string role, IReadOnlyList<string> missing) : Exception(
    $"Schema {schema} lacks {string.Join(", ", missing)}, and {role} may not change it: run --migrate once as the owner of the database.");
