using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Signing;

namespace A2A.Micro.Security.Broker;

/// <summary>Whose keys count, as a file says it: public keys only, so that every service may read it and only an operator write it. Immutable.</summary>
public sealed record TrustList
{
    /// <summary>The keys.</summary>
    public required IReadOnlyList<TrustedKey> Keys { get; init; }

    /// <summary>The agents that have an account and are not suspended.</summary>
    public IReadOnlyList<string> Agents() =>
        [.. Keys.Where(key => key.Owner != KeyNames.Platform && key.State != KeyState.Revoked).Select(key => key.Owner).Distinct(StringComparer.Ordinal)];

    /// <summary>The keys, ready to verify with.</summary>
    /// <exception cref="SecurityBreachException">One is no key.</exception>
    public KeyRing Ring() => new(Keys.Select(key => new VerificationKey(
        key.Owner, key.Kid, key.Alg, Base64Text.Read(key.Key) ?? throw new SecurityBreachException($"key {key.Kid} is not base64url"), key.State)));

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="SecurityBreachException">It says something else.</exception>
    public static TrustList Parse(string text)
    {
        try
        {
            var list = JsonSerializer.Deserialize<TrustList>(text, WireJson.Options) ?? throw new JsonException();
            if (list.Keys.FirstOrDefault(key => key.Owner != KeyNames.Platform && !KeyNames.IsAgent(key.Owner)) is { } odd)
            {
                throw new SecurityBreachException($"the owner of key {odd.Kid} is neither platform nor an agent's id");
            }

            _ = list.Ring();
            return list;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new SecurityBreachException("it is not the JSON of a list of keys");
        }
    }

    /// <summary>The text of a file.</summary>
    public string Print() => JsonSerializer.Serialize(this, Indented) + "\n";

    /// <summary>With a key of this owner that signs; those that signed before retire.</summary>
    public TrustList With(string owner, SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new TrustList
        {
            Keys =
            [
                .. Keys.Where(one => (one.Owner, one.Kid) != (owner, key.Kid))
                    .Select(one => one.Owner == owner && one.State == KeyState.Current ? one with { State = KeyState.Retiring } : one),
                new TrustedKey { Owner = owner, Kid = key.Kid, Alg = key.Algorithm, Key = Base64Text.Of(key.Public()), State = KeyState.Current },
            ],
        };
    }

    /// <summary>With all keys of this owner revoked.</summary>
    public TrustList Without(string owner) =>
        new() { Keys = [.. Keys.Select(one => one.Owner == owner ? one with { State = KeyState.Revoked } : one)] };

    private static readonly JsonSerializerOptions Indented = new(WireJson.Options) { WriteIndented = true };
}

/// <summary>A public key and whose it is.</summary>
public sealed record TrustedKey
{
    /// <summary><c>platform</c>, or an agent's id.</summary>
    public required string Owner { get; init; }

    /// <summary>Its name.</summary>
    public required string Kid { get; init; }

    /// <summary><c>ES256</c>.</summary>
    public required string Alg { get; init; }

    /// <summary>SubjectPublicKeyInfo, base64url.</summary>
    public required string Key { get; init; }

    /// <summary><c>next</c>, <c>current</c>, <c>retiring</c> or <c>revoked</c>.</summary>
    public required KeyState State { get; init; }
}
