using System.Text.Json;
using A2A.Micro.JsonSchema.Evaluation;

namespace A2A.Micro.JsonSchema.Compilation;

/// <summary>Under which keywords a schema holds other schemas.</summary>
internal static class SchemaShape
{
    private static readonly string[] Single =
    [
        "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties",
    ];

    private static readonly string[] Lists = ["allOf", "anyOf", "oneOf", "prefixItems"];

    private static readonly string[] Maps = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];

    /// <summary>The schemas directly inside this one, with the rest of their pointers.</summary>
    public static IEnumerable<(string Step, JsonElement Schema)> Children(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object) { yield break; }
        foreach (var name in Single)
        {
            if (schema.TryGetProperty(name, out var child)) { yield return ("/" + name, child); }
        }

        foreach (var name in Lists)
        {
            if (!schema.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array) { continue; }
            var index = 0;
            foreach (var child in list.EnumerateArray()) { yield return ($"/{name}/{index++}", child); }
        }

        foreach (var name in Maps)
        {
            if (!schema.TryGetProperty(name, out var map) || map.ValueKind != JsonValueKind.Object) { continue; }
            foreach (var child in map.EnumerateObject()) { yield return ($"/{name}/{InstancePath.Escape(child.Name)}", child.Value); }
        }
    }
}
