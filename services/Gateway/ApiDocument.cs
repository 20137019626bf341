using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace A2A.Micro.Gateway;

/// <summary>The OpenAPI document: <c>/openapi/v1.json</c>, version 3.1.</summary>
internal static class ApiDocument
{
    /// <summary>Adds the document's generator.</summary>
    public static void AddApiDocument(this IServiceCollection services) => _ = services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        // Only the public API: a process that holds several services has routes of their own conversation too.
        options.ShouldInclude = description => description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true;
        _ = options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "A2A.Micro",
                Version = ApiEdge.ProtocolVersion,
                Description = "Hand in tasks, follow them, get exactly one result. Errors are problem details (RFC 9457) with a code of GET /v1/errors.",
            };
            DescribeForms(document);
            document.Servers = [new OpenApiServer { Url = "/" }];
            return Task.CompletedTask;
        });
        _ = options.AddSchemaTransformer((schema, context, _) =>
        {
            Describe(schema, context);
            return Task.CompletedTask;
        });
    });

    /// <summary>Problem details as the answer to these statuses.</summary>
    public static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses) { _ = route.Produces<ProblemView>(status, Problems.MediaType); }
        return route.Produces<ProblemView>(500, Problems.MediaType);
    }

    // What our converters write, the generator cannot see.
    private static void Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. Words(type).Select(word => (JsonNode)word)];
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String;
            schema.Format = "date-time";
        }
    }

    // Two members of a submission have more than one form; the generator knows one shape per type.
    private static void DescribeForms(OpenApiDocument document)
    {
        if (document.Components?.Schemas is not { } schemas
            || !schemas.TryGetValue(nameof(SubmitTaskRequest), out var submission) || submission.Properties is not { } members)
        {
            return;
        }

        members["priority"] = new OpenApiSchema
        {
            Description = "0 to 4 or a name; larger is more urgent, 0 or absent is medium.",
            OneOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "0", Maximum = "4" },
                new OpenApiSchema { Type = JsonSchemaType.String, Examples = ["low", "medium", "high", "critical"] },
            ],
        };
        members["dependencies"] = Dependencies(members["dependencies"]);
    }

    private static OpenApiSchema Dependencies(IOpenApiSchema listed) => new()
    {
        Type = JsonSchemaType.Array,
        MaxItems = Contracts.Tasks.DependencyRules.DependenciesMax,
        Description = "Tasks that must have come to something first. They may be submitted later than this one.",
        Items = new OpenApiSchema
        {
            OneOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.String, Description = "A task id: its success is waited for." },
                listed.Items ?? new OpenApiSchema { Type = JsonSchemaType.Object },
            ],
        },
    };

    private static IEnumerable<string> Words(Type type) =>
        Enum.GetValues(type).Cast<object>()
            .Select(value => JsonSerializer.SerializeToElement(value, type, Contracts.Wire.WireJson.Options).GetString()!)
            .Where(word => word is not ("unknown" or ""));
}
