namespace A2A.Micro.Security.Signing;

/// <summary>A private key as a file holds it: a line <c>kid=name</c>, then the key in PEM.</summary>
public static class SigningKeyFile
{
    private const string Name = "kid=";

    /// <summary>Reads one.</summary>
    /// <exception cref="SecurityBreachException">It is open to others, or holds no such key.</exception>
    public static SigningKey Read(string path)
    {
        var text = SecretFile.Read("Security__SigningKeyFile", path);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0 || !text.StartsWith(Name, StringComparison.Ordinal) || !KeyNames.IsKid(text[Name.Length..end].Trim()))
        {
            throw new SecurityBreachException($"Security__SigningKeyFile names {path}, which does not begin with a line such as kid=k1.");
        }

        try
        {
            return SigningKey.FromPem(text[Name.Length..end].Trim(), text[end..]);
        }
        catch (SecurityBreachException e)
        {
            throw new SecurityBreachException($"Security__SigningKeyFile names {path}: {e.Message}.");
        }
    }

    /// <summary>The text of one.</summary>
    public static string Print(SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return $"{Name}{key.Kid}\n{key.ToPem()}\n";
    }
}
