using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Security.Identity;

/// <summary>The key in a file with which the first keys are made.</summary>
public static class AdminKey
{
    /// <summary>The principal that bears it.</summary>
    public const string Subject = "admin";

    /// <summary>The key of the configured file; null when none is configured.</summary>
    /// <exception cref="InvalidDataException">The file holds no key of this installation.</exception>
    public static ApiKeyRow? Read(SecurityOptions options, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.AdminKeyFile is not { Length: > 0 } file) { return null; }
        if (ApiKeyText.Parse(File.ReadAllText(file).Trim()) is not { } key || key.Environment != options.Environment)
        {
            throw new InvalidDataException(
                $"Security__AdminKeyFile: {file} holds no key of the form a2a_{options.Environment}_<16 of 0-9 a-f>_<43 of base64url>.");
        }

        return new ApiKeyRow
        {
            KeyId = key.KeyId,
            SecretHash = key.Hash(),
            Subject = Subject,
            Tenant = TenantNames.Default,
            Scopes = Scopes.All,
            CreatedAt = now,
        };
    }
}
