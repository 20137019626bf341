using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// How documents are stored and handed to the Gateway: the wire's JSON, but tolerant. What was let in once must be readable for ever:
/// agents' messages nest deeper than HTTP bodies may, and foreign serializers write a key twice.
/// </summary>
public static class StoredJson
{
    /// <summary>For stored texts and for the answers of <c>/internal/state</c>.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>The text of a value.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>The value of a text that <see cref="Write"/> made.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static T Read<T>(string text) =>
        JsonSerializer.Deserialize<T>(text, Options) ?? throw new JsonException("a stored text is the word null");

    /// <summary>The JSON of a stored text, as it was written.</summary>
    public static JsonElement Element(string text) =>
        JsonElement.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = true, MaxDepth = 256 });

    /// <summary>The document of a row.</summary>
    public static TaskDocument Compose(string document, string? input, string? output)
    {
        var head = Read<TaskDocument>(document);
        var asked = input is null ? null : Read<TaskInput>(input);
        var made = output is null ? null : Read<TaskOutput>(output);
        return head with
        {
            Parameters = asked?.Parameters,
            Metadata = asked?.Metadata,
            Result = made?.Result,
            ExecutionMetadata = made?.ExecutionMetadata,
        };
    }

    /// <summary>Column <c>input</c> of a document.</summary>
    public static string? InputOf(TaskDocument document) =>
        document is { Parameters: null, Metadata: null }
            ? null
            : Write(new TaskInput(document.Parameters, document.Metadata));

    /// <summary>Column <c>output</c> of a document.</summary>
    public static string? OutputOf(TaskDocument document) =>
        document is { Result: null, ExecutionMetadata: null }
            ? null
            : Write(new TaskOutput(document.Result, document.ExecutionMetadata));

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(WireJson.Options) { AllowDuplicateProperties = true, MaxDepth = 256 };
        options.MakeReadOnly();
        return options;
    }

    private sealed record TaskInput(JsonElement? Parameters, JsonElement? Metadata);

    private sealed record TaskOutput(JsonElement? Result, JsonElement? ExecutionMetadata);
}
