using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// The one place where the casing and the strictness of our JSON are set: snake_case as the sources spell it, words for
/// enums, RFC 3339 UTC with milliseconds for times (requirements R15), numbers never from strings.
/// </summary>
public static class WireJson
{
    /// <summary>For HTTP bodies, stored documents and everything else that is ours alone. Do not change it.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Makes an existing set of options (ASP.NET Core's) speak the same JSON.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.AllowDuplicateProperties = false;
        options.MaxDepth = MaxDepth;
        AddConverters(options);
    }

    /// <summary>
    /// Makes the bus speak it inside MassTransit's envelope. The envelope itself keeps MassTransit's names, which foreign
    /// MassTransit clients rely on; only types of this assembly (and of the callers named here) are respelled, and a null in
    /// what they require is as wrong as nothing.
    /// </summary>
    public static JsonSerializerOptions ApplyInsideEnvelope(JsonSerializerOptions options)
    {
        options.NumberHandling = JsonNumberHandling.Strict;
        options.MaxDepth = MaxDepth + EnvelopeDepth;
        options.RespectNullableAnnotations = true;
        AddConverters(options);
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver())
            .WithAddedModifier(SpellOurTypes);
        return options;
    }

    /// <summary>Deepest nesting of an accepted body; the bus allows the envelope on top of it.</summary>
    public const int MaxDepth = 32;

    private const int EnvelopeDepth = 8;

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General);
        Apply(options);
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        options.MakeReadOnly();
        return options;
    }

    private static void AddConverters(JsonSerializerOptions options)
    {
        options.Converters.Insert(0, new WireWordConverterFactory());
        options.Converters.Insert(0, new UtcTimeConverter());
    }

    private static void SpellOurTypes(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) { return; }
        var isOurs = IsOurs(type.Type);
        foreach (var property in type.Properties)
        {
            AllowNulls(property, isOurs);
            if (!isOurs) { continue; }
            var clrName = (property.AttributeProvider as System.Reflection.MemberInfo)?.Name ?? property.Name;
            property.Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(clrName);
            property.ShouldSerialize ??= static (_, value) => value is not null;
        }
    }

    // What goes out is WireGuard's; what others declare is theirs; and a client of MassTransit writes null where it has nothing to say.
    private static void AllowNulls(JsonPropertyInfo property, bool isOurs)
    {
        if (property.PropertyType.IsValueType) { return; }
        property.IsGetNullable = true;
        if (!isOurs || !property.IsRequired) { property.IsSetNullable = true; }
    }

    private static bool IsOurs(Type type) =>
        type.Namespace is { } name && name.StartsWith("A2A.Micro.", StringComparison.Ordinal);
}
