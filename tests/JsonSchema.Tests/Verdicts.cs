using System.Text.Json;

namespace A2A.Micro.JsonSchema.Tests;

/// <summary>Short ways to ask.</summary>
internal static class Verdicts
{
    public static IReadOnlyList<SchemaError> Check(string schema, string instance, SchemaOptions? options = null) =>
        CompiledSchema.Parse(schema, options).Validate(JsonElement.Parse(instance));

    public static string Lines(string schema, string instance) =>
        string.Join("\n", Check(schema, instance).Select(error => $"{error.Pointer} {error.Keyword}: {error.Message}"));
}
