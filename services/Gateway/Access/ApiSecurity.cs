using A2A.Micro.Security.Grants;
using A2A.Micro.Security.Identity;
using Microsoft.OpenApi;

namespace A2A.Micro.Gateway.Access;

/// <summary>What the OpenAPI document says about credentials: how they are shown, which scopes each operation asks for, what the refusals are.</summary>
internal static class ApiSecurity
{
    private const string Bearer = "bearer";
    private const string Key = "apiKey";
    private const string Grant = "taskGrant";

    /// <summary>Adds it, from the table that the door goes by.</summary>
    public static void Describe(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key (a2a_...) or a token (JWS) of an issuer that this installation knows. An open host asks nobody.",
            },
            [Key] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "X-API-Key",
                Description = "An API key in a header of its own; never both.",
            },
            [Grant] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = TaskGrant.Header,
                Description = "What came with an agent's offer, beside that agent's own credential: it then acts for that task and for nothing else.",
            },
        };
        foreach (var operation in document.Paths.SelectMany(path => path.Value.Operations?.Values ?? Enumerable.Empty<OpenApiOperation>()))
        {
            Describe(document, operation, AccessTable.Of(operation.OperationId ?? ""));
        }
    }

    private static void Describe(OpenApiDocument document, OpenApiOperation operation, AccessRule rule)
    {
        if (rule.Reach == Reach.Public)
        {
            operation.Security = [];
            return;
        }

        List<string> scopes = [.. ScopeWords.Print(rule.Scopes)];
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = scopes },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Key, document)] = scopes },
        ];
        if (rule.ByGrant)
        {
            operation.Security.Add(new OpenApiSecurityRequirement
            {
                [new OpenApiSecuritySchemeReference(Bearer, document)] = scopes,
                [new OpenApiSecuritySchemeReference(Grant, document)] = [],
            });
        }

        Refusal("401", "No valid credential");
        Refusal("403", rule.Reach == Reach.Installation ? "No right, or not of the installation's own tenant" : "No right");

        void Refusal(string status, string description) => (operation.Responses ??= []).TryAdd(status, new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Problems.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemView), document) },
            },
        });
    }
}
