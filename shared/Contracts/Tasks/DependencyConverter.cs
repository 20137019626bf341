using System.Text.Json;
using System.Text.Json.Serialization;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>Reads a dependency as a bare id or as an object (R7); writes the object.</summary>
public sealed class DependencyConverter : JsonConverter<Dependency>
{
    /// <inheritdoc />
    public override Dependency Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) { return new Dependency { TaskId = reader.GetString()! }; }
        using var document = JsonDocument.ParseValue(ref reader);
        if (Text(document.RootElement, "task_id") is not { } taskId)
        {
            throw new JsonException("a dependency is a task id or an object with task_id");
        }

        return new Dependency
        {
            TaskId = taskId,
            Condition = Text(document.RootElement, "condition"),
            OnUnsatisfied = Text(document.RootElement, "on_unsatisfied"),
        };
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Dependency value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("task_id", value.TaskId);
        if (value.Condition is not null) { writer.WriteString("condition", value.Condition); }
        if (value.OnUnsatisfied is not null) { writer.WriteString("on_unsatisfied", value.OnUnsatisfied); }
        writer.WriteEndObject();
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member)
        && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;
}
