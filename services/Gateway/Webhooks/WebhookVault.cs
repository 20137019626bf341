using System.Text;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Encryption;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>
/// Secrets of webhooks as they are stored: wrapped with the tenant's key, each for its webhook alone. Without a master key they are stored as they are,
/// and what was stored so is read; the next change of the webhook wraps it.
/// </summary>
public sealed class WebhookVault(KeyVault vault)
{
    private const string Prefix = "wrapped:";

    /// <summary>The row as it is stored.</summary>
    public WebhookRow Hide(WebhookRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row with { Secret = Hide(row, row.Secret), OldSecret = row.OldSecret is { } old ? Hide(row, old) : null };
    }

    /// <summary>The row as it is used.</summary>
    /// <exception cref="Security.SecurityBreachException">The key that wrapped it is gone, or it belongs to another webhook.</exception>
    public WebhookRow Show(WebhookRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row with { Secret = Show(row, row.Secret), OldSecret = row.OldSecret is { } old ? Show(row, old) : null };
    }

    /// <summary>What a secret begins with that is as it would be stored now; null without a master key: then all are.</summary>
    public string? Current => vault.Masters is { } masters ? $"{Prefix}{masters.Current}:" : null;

    private string Hide(WebhookRow row, string secret)
    {
        if (vault.Masters is not { } masters) { return secret; }
        var (kid, wrapped) = masters.Wrap(TenantNames.TenantOf(row.WebhookId), Purpose(row), Encoding.UTF8.GetBytes(secret));
        return $"{Prefix}{kid}:{wrapped}";
    }

    private string Show(WebhookRow row, string stored)
    {
        if (stored.Split(':') is not ["wrapped", var kid, var wrapped]) { return stored; }
        var masters = vault.Masters ?? throw new Security.SecurityBreachException("secrets of webhooks are wrapped, and Security__MasterKeyFile is not set");
        return Encoding.UTF8.GetString(masters.Unwrap(TenantNames.TenantOf(row.WebhookId), Purpose(row), kid, wrapped));
    }

    private static string Purpose(WebhookRow row) => "webhook/" + row.WebhookId;
}
