using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Envelopes;

/// <summary>A request of the protocol taken out of its envelope (requirements 29, 30; R2). Pure.</summary>
/// <param name="Type">What is asked: <c>task.submit</c>, <c>task.control.pause</c>, ...</param>
/// <param name="RequestId">The caller's name of the request; comes back with the answer.</param>
/// <param name="Payload">The message, an object.</param>
/// <param name="Place">JSON pointer of the payload in what was sent.</param>
public sealed record Envelope(string Type, string? RequestId, JsonElement Payload, string Place)
{
    private const int NameLengthMax = 128;
    private static readonly string[] Members = ["message_type", "type", "payload", "request_id"];

    /// <summary>
    /// Reads the nested form <c>{"message_type": .., "payload": {..}}</c>, where <c>type</c> is another name of the first, and the flat form, in which
    /// everything beside <c>message_type</c> and <c>request_id</c> is the message; where there is no <c>message_type</c>, its <c>type</c> says what it is.
    /// </summary>
    /// <exception cref="ProtocolException">It is neither; every mistake is named.</exception>
    public static Envelope Read(JsonElement body)
    {
        var errors = new List<FieldError>();
        var isNested = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("payload", out _);
        var fields = new JsonFields(body, "#", errors, isNested || body.ValueKind != JsonValueKind.Object ? Members : Names(body));
        var (name, other) = (fields.Text("message_type"), isNested || fields.Any("message_type") is null ? fields.Text("type") : null);
        if (errors.Count == 0 && name is null && other is null)
        {
            fields.Wrong("#/message_type", "required: what is asked, such as task.submit or task.control.pause");
        }

        if (name is not null && other is not null && name != other) { fields.Wrong("#/type", "says something else than message_type; send one of them"); }
        var requestId = fields.Text("request_id", NameLengthMax);
        var payload = isNested ? fields.Any("payload") : body;
        if (errors.Count == 0 && payload is not { ValueKind: JsonValueKind.Object }) { fields.Wrong("#/payload", "an object is expected"); }
        if (errors.Count > 0) { throw new ProtocolException(ErrorKind.Validation, $"{errors[0].Pointer}: {errors[0].Detail}", [.. errors]); }
        return isNested
            ? new Envelope((name ?? other)!, requestId, payload!.Value, "#/payload")
            : new Envelope((name ?? other)!, requestId, Without(body, "request_id", name is null ? "type" : "message_type"), "#");
    }

    /// <summary>The members of an object but these.</summary>
    public static JsonElement Without(JsonElement element, params ReadOnlySpan<string> names)
    {
        var rest = JsonObject.Create(element.Clone())!;
        foreach (var name in names) { _ = rest.Remove(name); }
        return JsonSerializer.SerializeToElement(rest, WireJson.Options);
    }

    private static string[] Names(JsonElement body) => [.. body.EnumerateObject().Select(member => member.Name)];
}
