using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// JSON Schema 2020-12 of a record type as it stands on the wire. Attributes of System.ComponentModel say more than the type:
/// <c>[Range(16, 4096)]</c>, <c>[StringLength(254)]</c>, <c>[RegularExpression("...")]</c>, <c>[EmailAddress]</c>, <c>[Url]</c>,
/// <c>[AllowedValues(...)]</c>, <c>[Description("...")]</c>, and our own <see cref="SensitiveAttribute"/>.
/// </summary>
public static class WireSchema
{
    private static readonly JsonSchemaExporterOptions Exporter = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Describe,
    };

    /// <summary>The schema of a type.</summary>
    /// <param name="type">A record, a list, or a plain value.</param>
    /// <param name="options">How it is serialized.</param>
    public static JsonElement Of(Type type, JsonSerializerOptions options) =>
        JsonSerializer.SerializeToElement(options.GetJsonSchemaAsNode(type, Exporter));

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        var nullable = type != context.TypeInfo.Type || context.PropertyInfo is { IsGetNullable: true };
        var described = Converted(type, nullable) ?? schema;
        var said = new[] { context.PropertyInfo?.AttributeProvider, context.PropertyInfo?.AssociatedParameter?.AttributeProvider }
            .OfType<ICustomAttributeProvider>().SelectMany(provider => provider.GetCustomAttributes(true)).OfType<Attribute>().ToList();
        if (said.Count == 0) { return described; }
        // A type that may be anything is exported as true.
        var open = described as JsonObject ?? [];
        foreach (var attribute in said) { Say(open, attribute); }
        return open.Count == 0 ? described : open;
    }

    // What our converters write, the exporter cannot see.
    private static JsonObject? Converted(Type type, bool nullable)
    {
        JsonNode Kind(string word) => nullable ? new JsonArray(word, "null") : word;
        if (type == typeof(DateTimeOffset)) { return new() { ["type"] = Kind("string"), ["format"] = "date-time" }; }
        if (type == typeof(Dependency)) { return new() { ["type"] = new JsonArray("string", "object") }; }
        if (!type.IsEnum) { return null; }
        var words = new JsonArray();
        foreach (var value in Enum.GetValues(type)) { words.Add(JsonSerializer.SerializeToNode(value, type, WireJson.Options)); }
        if (nullable) { words.Add(null); }
        return new() { ["enum"] = words };
    }

    private static void Say(JsonObject schema, Attribute attribute)
    {
        switch (attribute)
        {
            case DescriptionAttribute description: schema["description"] = description.Description; break;
            case RangeAttribute range:
                schema[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = Number(range.Minimum);
                schema[range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum"] = Number(range.Maximum);
                break;
            case StringLengthAttribute length:
                schema["maxLength"] = length.MaximumLength;
                if (length.MinimumLength > 0) { schema["minLength"] = length.MinimumLength; }
                break;
            case MinLengthAttribute least: schema[IsList(schema) ? "minItems" : "minLength"] = least.Length; break;
            case MaxLengthAttribute most: schema[IsList(schema) ? "maxItems" : "maxLength"] = most.Length; break;
            case RegularExpressionAttribute pattern: schema["pattern"] = $"^(?:{pattern.Pattern})$"; break;
            case EmailAddressAttribute: schema["format"] = "email"; break;
            case UrlAttribute: schema["format"] = "uri"; break;
            case AllowedValuesAttribute allowed:
                schema["enum"] = new JsonArray([.. allowed.Values.Select(value => JsonSerializer.SerializeToNode(value, WireJson.Options))]);
                break;
            case SensitiveAttribute: schema[SensitiveAttribute.Keyword] = true; break;
        }
    }

    private static JsonValue Number(object bound) =>
        bound is int whole ? JsonValue.Create(whole) : JsonValue.Create(Convert.ToDouble(bound, CultureInfo.InvariantCulture));

    private static bool IsList(JsonObject schema) =>
        schema["type"] is JsonValue word ? word.GetValue<string>() == "array"
            : schema["type"] is JsonArray words && words.Any(one => one?.GetValue<string>() == "array");
}
