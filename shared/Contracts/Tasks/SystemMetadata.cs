using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// The part of a task's metadata that is the system's: names that begin with <c>a2a.</c>. Three of them say on whose behalf a task is done, and go from a
/// parent to its children (requirement 95). No caller and no agent writes them. Pure.
/// </summary>
public static class SystemMetadata
{
    /// <summary>How these names begin.</summary>
    public const string Prefix = "a2a.";

    /// <summary>Who handed the task in, or the task above all that it is a part of.</summary>
    public const string Subject = "a2a.subject";

    /// <summary>What that one may do.</summary>
    public const string Scopes = "a2a.scopes";

    /// <summary>Its tenant.</summary>
    public const string Tenant = "a2a.tenant";

    private static readonly string[] Behalf = [Subject, Scopes, Tenant];

    /// <summary>On whose behalf a task is done; null: nobody was asked who it is.</summary>
    public static JsonElement? OnBehalf(JsonElement? metadata) => Part(metadata, Behalf.Contains);

    /// <summary>Whether it is said on whose behalf.</summary>
    public static bool SaysOnBehalf(JsonElement? metadata) =>
        metadata is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty(Subject, out _);

    /// <summary>What replaces metadata, with what the system wrote into those before.</summary>
    public static JsonElement? Kept(JsonElement? before, JsonElement? after) =>
        With(after, Part(before, name => name.StartsWith(Prefix, StringComparison.Ordinal)));

    /// <summary>Metadata with these members.</summary>
    public static JsonElement? With(JsonElement? metadata, JsonElement? members)
    {
        if (members is not { ValueKind: JsonValueKind.Object } more) { return metadata; }
        var all = metadata is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : [];
        foreach (var member in more.EnumerateObject()) { all[member.Name] = JsonNode.Parse(member.Value.GetRawText()); }
        return JsonSerializer.SerializeToElement(all, WireJson.Options);
    }

    private static JsonElement? Part(JsonElement? metadata, Func<string, bool> isIn)
    {
        if (metadata is not { ValueKind: JsonValueKind.Object } all) { return null; }
        var part = new JsonObject();
        foreach (var member in all.EnumerateObject().Where(member => isIn(member.Name))) { part[member.Name] = JsonNode.Parse(member.Value.GetRawText()); }
        return part.Count == 0 ? null : JsonSerializer.SerializeToElement(part, WireJson.Options);
    }
}
