using System.Text.Json;
using System.Text.Json.Serialization;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>Reads a dependency as a bare id or as an object (R7); writes the object, without what is the default.</summary>
public sealed class DependencyConverter : JsonConverter<Dependency>
{
    /// <inheritdoc />
    public override Dependency Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) { return new Dependency { TaskId = reader.GetString()! }; }
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        if (Member(root, "task_id") is not { ValueKind: JsonValueKind.String } taskId)
        {
            throw new JsonException("a dependency is a task id or an object with task_id");
        }

        return new Dependency
        {
            TaskId = taskId.GetString()!,
            Condition = Word(root, "condition", DependencyCondition.Success),
            OnUnsatisfied = Word(root, "on_unsatisfied", UnsatisfiedPolicy.Fail),
            Map = Member(root, "map") is { } map ? PointerMapConverter<string>.Read(map, options) : null,
        };
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Dependency value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("task_id", value.TaskId);
        if (value.Condition != DependencyCondition.Success) { writer.WriteString("condition", value.Condition.Word()); }
        if (value.OnUnsatisfied != UnsatisfiedPolicy.Fail) { writer.WriteString("on_unsatisfied", value.OnUnsatisfied.Word()); }
        if (value.Map is { } map)
        {
            writer.WriteStartObject("map");
            foreach (var (source, target) in map) { writer.WriteString(source, target); }
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    // A word that is not known stays unknown, for the rules to refuse: guessing would start work at the wrong time.
    private static TEnum Word<TEnum>(JsonElement element, string name, TEnum absent) where TEnum : struct, Enum =>
        Member(element, name) is not { } member ? absent
        : member.ValueKind == JsonValueKind.String && WireWord.TryParse<TEnum>(member.GetString(), out var value) ? value
        : default;

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member)
        && member.ValueKind != JsonValueKind.Null
            ? member
            : null;
}
