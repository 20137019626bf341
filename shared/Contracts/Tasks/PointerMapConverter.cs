using System.Text.Json;
using System.Text.Json.Serialization;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// A map whose names are JSON pointers. The serializer of the bus takes maps for free of empty names and blind to case; <c>""</c> is the
/// pointer to the whole, and <c>/a</c> and <c>/A</c> are two places.
/// </summary>
/// <typeparam name="TValue">What the pointers lead to.</typeparam>
public sealed class PointerMapConverter<TValue> : JsonConverter<IReadOnlyDictionary<string, TValue>>
{
    /// <inheritdoc />
    public override IReadOnlyDictionary<string, TValue> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return Read(document.RootElement, options);
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, TValue> value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        foreach (var (pointer, one) in value)
        {
            writer.WritePropertyName(pointer);
            JsonSerializer.Serialize(writer, one, options);
        }

        writer.WriteEndObject();
    }

    /// <summary>The map in an element.</summary>
    /// <exception cref="JsonException">It is not an object, or not of such values.</exception>
    internal static Dictionary<string, TValue> Read(JsonElement element, JsonSerializerOptions options)
    {
        if (element.ValueKind != JsonValueKind.Object) { throw new JsonException("an object of JSON pointers is expected"); }
        var map = new Dictionary<string, TValue>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            map[member.Name] = member.Value.Deserialize<TValue>(options) ?? throw new JsonException("a pointer that leads to null");
        }

        return map;
    }
}
