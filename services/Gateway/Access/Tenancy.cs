using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Identity;

namespace A2A.Micro.Gateway.Access;

/// <summary>
/// The border between ids as callers know them and ids as they stand inside the system. Everything that the Gateway keeps or asks goes through here; what
/// lies above it (routes, views, problems) knows a caller's own ids only.
/// </summary>
internal static class Tenancy
{
    /// <summary>Metadata that only the Gateway writes.</summary>
    public const string SubjectKey = MetadataRules.Subject, ScopesKey = MetadataRules.Scopes, TenantKey = MetadataRules.Tenant;

    /// <summary>Whether ids are the same on both sides.</summary>
    public static bool IsDefault => Caller.Current.Tenant == TenantNames.Default;

    /// <summary>What the caller calls <paramref name="id"/>, inside.</summary>
    public static string In(string id) => TenantNames.Inside(Caller.Current.Tenant, id);

    /// <summary>The same for what a caller may leave out.</summary>
    public static string? InOrNull(string? id) => id is null ? null : In(id);

    /// <summary>An idempotency key, inside: keys may hold any character but a line feed.</summary>
    public static string? Key(string? key) => key is null || IsDefault ? key : Caller.Current.Tenant + "\n" + key;

    /// <summary>A task as it goes inside: with the caller's tenant in its ids, and with who handed it in.</summary>
    public static SubmitTask In(SubmitTask task)
    {
        var caller = Caller.Current;
        var inside = IsDefault ? task : task.WithIds(In);
        if (caller.IsAnonymous) { return inside; }
        var metadata = inside.Metadata is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : [];
        metadata[SubjectKey] = caller.Subject;
        metadata[ScopesKey] = string.Join(' ', ScopeWords.Print(caller.Scopes));
        metadata[TenantKey] = caller.Tenant;
        return inside with { Metadata = JsonSerializer.SerializeToElement(metadata, WireJson.Options) };
    }
}
