namespace A2A.Micro.Security.Signing;

/// <summary>The keys of everybody whose word counts, at one moment. Immutable; a change is another ring.</summary>
public sealed class KeyRing
{
    private readonly Dictionary<(string Owner, string Kid), VerificationKey> _keys = [];

    /// <param name="keys">All keys, of whatever state.</param>
    /// <exception cref="SecurityBreachException">An owner has two keys of one name.</exception>
    public KeyRing(IEnumerable<VerificationKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var key in keys)
        {
            if (!_keys.TryAdd((key.Owner, key.Kid), key)) { throw new SecurityBreachException($"{key.Owner} has two keys called {key.Kid}"); }
        }
    }

    /// <summary>Nobody's word counts.</summary>
    public static KeyRing Empty { get; } = new([]);

    /// <summary>Whether somebody has a key that counts.</summary>
    public bool Knows(string owner) => _keys.Values.Any(key => key.Owner == owner && key.State != KeyState.Revoked);

    /// <summary>
    /// Whether one of these signatures is of a key of this owner that counts. The key is found by owner and name in this ring only; nothing that a
    /// message says can bring in another.
    /// </summary>
    public bool Verifies(string owner, CanonicalText words, IReadOnlyList<SignatureLine> lines)
    {
        ArgumentNullException.ThrowIfNull(words);
        return Verifies(owner, words.Bytes(), lines);
    }

    /// <summary>The same over other bytes than those of a message.</summary>
    public bool Verifies(string owner, byte[] bytes, IReadOnlyList<SignatureLine> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        if (lines.Count is 0 or > SignatureLine.CountMax) { return false; }
        return lines.Any(line => _keys.TryGetValue((owner, line.Kid), out var key) && key.Verifies(bytes, line));
    }
}
