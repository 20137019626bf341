using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Grants;

namespace A2A.Micro.Security.Identity;

/// <summary>Who asks, as the credential says; nothing in a body or in another header has a part in it.</summary>
/// <param name="Subject">The principal.</param>
/// <param name="Tenant">To whom everything that it makes and sees belongs.</param>
/// <param name="Scopes">What it may do.</param>
public sealed record Caller(string Subject, string Tenant, Scopes Scopes)
{
    private static readonly AsyncLocal<Caller?> Ambient = new();

    /// <summary>Everybody, in a host that is open.</summary>
    public static Caller Anybody { get; } = new("anybody", TenantNames.Default, Scopes.All) { IsAnonymous = true };

    /// <summary>The key that was shown; null for a token.</summary>
    public string? KeyId { get; init; }

    /// <summary>An agent acts for this task on behalf of whom the caller names, and may do nothing else; null: the caller acts for itself.</summary>
    public TaskGrant? Grant { get; init; }

    /// <summary>Nobody was asked for a credential.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>
    /// Whoever is served by this flow of control; <see cref="Anybody"/> in duties of the process itself. Work that is shared between callers
    /// (group commits) must not ask: it runs in the flow of whoever came first.
    /// </summary>
    public static Caller Current => Ambient.Value ?? Anybody;

    /// <summary>Whether it may do all of these.</summary>
    public bool May(Scopes wanted) => (Scopes & wanted) == wanted;

    /// <summary>From here on this flow of control serves it.</summary>
    public void Enter() => Ambient.Value = this;
}
