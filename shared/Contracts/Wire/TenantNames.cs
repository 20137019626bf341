namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// How the tenant of a task is said inside the system: in front of its id, <c>acme@task-1</c>. No id that a caller may choose holds an <c>@</c>, so
/// nobody can name a task of another tenant, and whatever is derived from an id by adding to its end stays with its tenant. Ids of the default
/// tenant stand alone. Callers see and send their ids without the tenant.
/// </summary>
public static class TenantNames
{
    /// <summary>The tenant of an installation that knows only one.</summary>
    public const string Default = TaskKey.DefaultTenant;

    /// <summary>Longest name of a tenant.</summary>
    public const int LengthMax = 40;

    private const char Separator = '@';

    /// <summary>1..40 of <c>a-z 0-9 -</c>.</summary>
    public static bool IsTenant(string? name) =>
        name is { Length: > 0 and <= LengthMax } && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>The inside id of what a tenant calls <paramref name="id"/>.</summary>
    public static string Inside(string tenant, string id) => tenant == Default ? id : tenant + Separator + id;

    /// <summary>The inside id of what stands beside another task and belongs to the same tenant.</summary>
    public static string Beside(string taskId, string id) => Inside(TenantOf(taskId), id);

    /// <summary>The id as its tenant knows it.</summary>
    public static string Outside(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return id[(id.IndexOf(Separator, StringComparison.Ordinal) + 1)..];
    }

    /// <summary>The tenant of an inside id.</summary>
    public static string TenantOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        var at = id.IndexOf(Separator, StringComparison.Ordinal);
        return at < 0 ? Default : id[..at];
    }
}
