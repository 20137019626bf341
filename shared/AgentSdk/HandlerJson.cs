using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.AgentSdk;

/// <summary>Between JSON on the wire and the records of a handler.</summary>
internal static class HandlerJson
{
    /// <summary>Largest partial result and shared value in bytes of JSON.</summary>
    public const int BytesMax = 1024 * 1024;

    // As on the wire, and with nulls taken as seriously as the records declare them.
    private static readonly JsonSerializerOptions Options = new(WireJson.Options)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly ConcurrentDictionary<Type, IReadOnlyList<string>> Marked = new();

    /// <summary>Reads parameters; absent ones count as an empty object.</summary>
    /// <exception cref="TaskRejectedException">They do not fit; the text begins with the JSON path of the first fault.</exception>
    public static T Read<T>(JsonElement? parameters)
    {
        var json = parameters is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } given
            ? given
            : JsonSerializer.SerializeToElement(new JsonObject());
        try
        {
            return json.Deserialize<T>(Options) ?? throw new JsonException("null where a value is required");
        }
        catch (JsonException fault)
        {
            throw new TaskRejectedException(RejectionReason.InvalidParameters, Explain(fault));
        }
    }

    /// <summary>Writes what a handler made; false when it is over its limit.</summary>
    public static bool TryWrite(object? value, Type type, out JsonElement element, int bytesMax = BytesMax)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type, Options);
        if (bytes.Length > bytesMax)
        {
            element = default;
            return false;
        }

        using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = WireJson.MaxDepth });
        element = document.RootElement.Clone();
        return true;
    }

    /// <summary>JSON Schema 2020-12 of a record type.</summary>
    public static JsonElement Schema(Type type) => WireSchema.Of(type, Options);

    /// <summary>Where a record type marks secrets with <c>[Sensitive]</c>.</summary>
    public static IReadOnlyList<string> Secrets(Type type) => Marked.GetOrAdd(type, static one => [.. SensitiveAttribute.Places(Schema(one))]);

    private static string Explain(JsonException fault)
    {
        // The serializer appends " Path: $.x | LineNumber: ..."; the path comes first here and the rest is of no use.
        var message = fault.Message;
        var tail = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return Text.Cut($"{fault.Path ?? "$"}: {(tail < 0 ? message : message[..tail])}");
    }
}
