namespace A2A.Micro.Security.Signing;

/// <summary>Where a key is in its life (security 5). A signature of a key that is not revoked counts; only the current one signs.</summary>
public enum KeyState
{
    /// <summary>Known to those who verify, and not used yet.</summary>
    Next,

    /// <summary>Signs.</summary>
    Current,

    /// <summary>Signs no more; what it signed before is still on its way.</summary>
    Retiring,

    /// <summary>Counts for nothing, at once.</summary>
    Revoked,
}
