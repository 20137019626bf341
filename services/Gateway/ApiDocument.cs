using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Gateway.Access;
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
            DescribeOtherErrors(document);
            ApiSecurity.Describe(document);
            document.Servers = [new OpenApiServer { Url = "/" }];
            return Task.CompletedTask;
        });
        _ = options.AddOperationTransformer(async (operation, context, cancellation) =>
        {
            foreach (var other in context.Description.ActionDescriptor.EndpointMetadata.OfType<OtherForm>())
            {
                Add(operation, other, await context.GetOrCreateSchemaAsync(other.Type, cancellationToken: cancellation).ConfigureAwait(false));
            }
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

    /// <summary>Another form of the answer with a status: the generator takes one per status.</summary>
    public static RouteHandlerBuilder AlsoProduces<T>(this RouteHandlerBuilder route, int status = 200, string mediaType = "application/json") =>
        route.WithMetadata(new OtherForm(status, typeof(T), mediaType));

    private static void Add(OpenApiOperation operation, OtherForm other, OpenApiSchema schema)
    {
        var status = other.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (operation.Responses?.GetValueOrDefault(status) is not OpenApiResponse response) { return; }
        response.Content ??= new Dictionary<string, OpenApiMediaType>();
        response.Content[other.MediaType] = response.Content.TryGetValue(other.MediaType, out var known) && known.Schema is { } first
            ? new OpenApiMediaType { Schema = first is OpenApiSchema { AnyOf: { } forms } ? AnyOf([.. forms, schema]) : AnyOf([first, schema]) }
            : new OpenApiMediaType { Schema = schema };

        static OpenApiSchema AnyOf(IList<IOpenApiSchema> forms) => new() { AnyOf = forms };
    }

    // What our converters write, the generator cannot see, nor that what is absent is not written.
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
        else if (schema.Required is { Count: > 0 } required)
        {
            foreach (var property in context.JsonTypeInfo.Properties.Where(property => property.IsGetNullable)) { _ = required.Remove(property.Name); }
        }
    }

    // Whatever goes wrong on the way to a route is said in the same form: limits, encodings, a body that stops.
    private static void DescribeOtherErrors(OpenApiDocument document)
    {
        foreach (var operation in document.Paths.SelectMany(path => path.Value.Operations?.Values ?? Enumerable.Empty<OpenApiOperation>()))
        {
            _ = (operation.Responses ??= []).TryAdd("default", new OpenApiResponse
            {
                Description = "Another error",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Problems.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemView), document) },
                },
            });
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
            .Where(word => word != "unknown");

    private sealed record OtherForm(int Status, Type Type, string MediaType);
}
