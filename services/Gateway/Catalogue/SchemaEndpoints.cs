using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.JsonSchema;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Catalogue;

/// <summary>The messages of the protocol as JSON Schemas, made from the types that read and write them.</summary>
public static class SchemaEndpoints
{
    private const string MediaType = "application/schema+json";
    private const string Version = "1.0";

    private static readonly Lazy<SortedDictionary<string, JsonElement>> Schemas = new(() => new SortedDictionary<string, JsonElement>(
        typeof(SubmitTask).Assembly.GetExportedTypes()
            .Select(type => (Type: type, Name: type.GetCustomAttribute<EntityNameAttribute>()?.EntityName))
            .Where(message => message.Name is not null)
            .ToDictionary(message => message.Name!, message => Schema(message.Name!, message.Type)),
        StringComparer.Ordinal));

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, CompiledSchema> Compiled = new(StringComparer.Ordinal);

    /// <summary>Everything that is wrong with a message by its schema; nothing when its type is not known here.</summary>
    public static IReadOnlyList<SchemaError> Check(string messageType, JsonElement message) =>
        Schemas.Value.TryGetValue(messageType, out var schema)
            ? Compiled.GetOrAdd(messageType, static (_, text) => CompiledSchema.From(text), schema).Validate(message)
            : [];

    /// <summary>Adds the routes below <c>/v1</c>.</summary>
    public static void MapSchemas(this IEndpointRouteBuilder v1)
    {
        var schemas = v1.MapGroup("/schemas").WithTags("Catalogue");
        _ = schemas.MapGet("/", () => TypedResults.Ok(new SchemaListView
        {
            Schemas = [.. Schemas.Value.Keys.Select(name => new SchemaLinkView { MessageType = name, Version = Version, Self = Address(name) })],
        }))
            .WithName("listSchemas").WithSummary("Every message of the protocol").Produces<SchemaListView>();
        _ = schemas.MapGet("/{messageType}", (string messageType) => Get(messageType, Version))
            .WithName("getSchema").WithSummary("JSON Schema 2020-12 of a message").Produces<object>(200, MediaType).ProducesErrors(404);
        _ = schemas.MapGet("/{messageType}/{version}", Get)
            .WithName("getSchemaVersion").WithSummary("JSON Schema 2020-12 of a version of a message").Produces<object>(200, MediaType).ProducesErrors(404);
    }

    private static IResult Get(string messageType, string version) =>
        version == Version && Schemas.Value.TryGetValue(messageType, out var schema)
            ? TypedResults.Text(schema.GetRawText(), MediaType)
            : Problems.Of(ErrorKind.NotFound, Schemas.Value.ContainsKey(messageType)
                ? $"There is no version {Problems.Quote(version)} of {Problems.Quote(messageType)}; there is {Version}."
                : $"There is no message {Problems.Quote(messageType)}: GET /v1/schemas lists them; GET /v1/task-types/{{type}} has those of a task type.");

    private static JsonElement Schema(string name, Type type)
    {
        var schema = JsonObject.Create(WireSchema.Of(type, WireJson.Options))!;
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "$id", Address(name));
        schema.Insert(2, "title", name);
        return JsonSerializer.SerializeToElement(schema);
    }

    private static string Address(string name) => $"/v1/schemas/{name}/{Version}";
}

/// <summary>Every message of the protocol.</summary>
public sealed record SchemaListView
{
    /// <summary>By name.</summary>
    public required IReadOnlyList<SchemaLinkView> Schemas { get; init; }
}

/// <summary>One message of the protocol.</summary>
public sealed record SchemaLinkView
{
    /// <summary>Its name on the wire.</summary>
    public required string MessageType { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>Where its schema is.</summary>
    public required string Self { get; init; }
}
