using A2A.Micro.Security.Identity;

namespace A2A.Micro.Gateway.Access;

/// <summary>What a route asks of its caller.</summary>
/// <param name="Scopes">All of these.</param>
/// <param name="Reach">Whose callers.</param>
public readonly record struct AccessRule(Scopes Scopes, Reach Reach = Reach.Tenants)
{
    /// <summary>An agent that acts for a task may use it, for that task and what stands below it.</summary>
    public bool ByGrant { get; init; }

    /// <summary>Anybody, without a credential.</summary>
    public static AccessRule Public { get; } = new(Scopes.None, Reach.Public);

    /// <summary>Anybody with a credential; what is inside is judged by rules of its own.</summary>
    public static AccessRule AnyCaller { get; } = new(Scopes.None);
}

/// <summary>Whose callers a route lets in.</summary>
public enum Reach
{
    /// <summary>Nobody: the route has no rule.</summary>
    Nobody,

    /// <summary>Callers of every tenant; each sees what is its own.</summary>
    Tenants,

    /// <summary>Callers of the default tenant: what the route shows belongs to the installation and not to a tenant.</summary>
    Installation,

    /// <summary>Everybody, also without a credential.</summary>
    Public,
}
