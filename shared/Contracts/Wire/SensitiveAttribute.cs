using System.Text.Json;

namespace A2A.Micro.Contracts.Wire;

/// <summary>A member of parameters that holds a secret: it is marked <c>x-sensitive</c> in the schema, and named in the task type.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class SensitiveAttribute : Attribute
{
    /// <summary>The member of a schema that says so.</summary>
    public const string Keyword = "x-sensitive";

    /// <summary>
    /// JSON pointers to what a schema marks: members, members of members, and with <c>*</c> the entries of arrays. What hides behind a
    /// reference is not looked for.
    /// </summary>
    public static IEnumerable<string> Places(JsonElement? schema, string at = "")
    {
        if (schema is not { ValueKind: JsonValueKind.Object } here) { yield break; }
        if (here.TryGetProperty(Keyword, out var mark) && mark.ValueKind == JsonValueKind.True && at.Length > 0) { yield return at; }
        if (here.TryGetProperty("items", out var items))
        {
            foreach (var found in Places(items, at + "/*")) { yield return found; }
        }

        if (!here.TryGetProperty("properties", out var members) || members.ValueKind != JsonValueKind.Object) { yield break; }
        foreach (var member in members.EnumerateObject())
        {
            var name = member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
            foreach (var found in Places(member.Value, at + "/" + name)) { yield return found; }
        }
    }
}
