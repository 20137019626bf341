using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Catalogue;

/// <summary>What does not change while the process runs: the front page, the errors, the version of the protocol.</summary>
public static class CatalogueEndpoints
{
    /// <summary>What the page of the documentation wears over its own style.</summary>
    public const string DocsStyle = "/docs/a2a.css";

    private static readonly ErrorCatalogueView Errors = new()
    {
        Errors =
        [
            .. ErrorKind.All.Select(kind => new ErrorKindView
            {
                Code = kind.Code,
                Title = kind.Title,
                Severity = kind.Severity.Word(),
                Recovery = kind.Recovery.Word(),
                HttpStatus = kind.HttpStatus,
                Retryable = kind.IsTransient,
            }),
        ],
    };

    private static readonly IndexView Index = new()
    {
        Name = "A2A.Micro",
        ProtocolVersion = ApiEdge.ProtocolVersion,
        Links = new Dictionary<string, string>
        {
            ["tasks"] = "/v1/tasks",
            ["agents"] = "/v1/agents",
            ["task_types"] = "/v1/task-types",
            ["schemas"] = "/v1/schemas",
            ["webhooks"] = "/v1/webhooks",
            ["errors"] = "/v1/errors",
            ["protocol"] = "/v1/protocol",
            ["openapi"] = "/openapi/v1.json",
            ["docs"] = "/docs",
        },
    };

    /// <summary>Adds the routes below <c>/v1</c>.</summary>
    public static void MapCatalogue(this IEndpointRouteBuilder v1)
    {
        _ = v1.MapGet("/errors", () => TypedResults.Ok(Errors)).WithTags("Catalogue").WithName("listErrors")
            .WithSummary("Every error code, in order of precedence").Produces<ErrorCatalogueView>();
        _ = v1.MapGet("/protocol", () => TypedResults.Ok(new ProtocolView { Version = ApiEdge.ProtocolVersion }))
            .WithTags("Catalogue").WithName("getProtocol").WithSummary("The version of the protocol").Produces<ProtocolView>();
    }

    /// <summary>Adds the front page, and the page that the <c>type</c> of every problem points into.</summary>
    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/", (HttpContext http) =>
        {
            http.Response.Headers.Vary = "Accept";
            return WantsPage(http.Request) ? (IResult)TypedResults.Redirect("docs") : TypedResults.Ok(Index);
        }).ExcludeFromDescription();
        _ = routes.MapGet("/errors", () => Resource("errors.md", "text/markdown; charset=utf-8")).ExcludeFromDescription();
        _ = routes.MapGet(DocsStyle, () => Resource("docs.css", "text/css; charset=utf-8")).ExcludeFromDescription();
    }

    private static FileStreamHttpResult Resource(string name, string mediaType) =>
        TypedResults.Stream(typeof(CatalogueEndpoints).Assembly.GetManifestResourceStream(name)!, mediaType);

    private static bool WantsPage(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));
}

/// <summary>The error catalogue.</summary>
public sealed record ErrorCatalogueView
{
    /// <summary>Every kind, in order of precedence: of several in one answer the first decides the status.</summary>
    public required IReadOnlyList<ErrorKindView> Errors { get; init; }
}

/// <summary>One kind of error.</summary>
public sealed record ErrorKindView
{
    /// <summary>The code, stable for ever.</summary>
    public required string Code { get; init; }

    /// <summary>What it means.</summary>
    public required string Title { get; init; }

    /// <summary><c>warning</c>, <c>error</c> or <c>critical</c>.</summary>
    public required string Severity { get; init; }

    /// <summary>What helps.</summary>
    public required string Recovery { get; init; }

    /// <summary>The status when HTTP reports it.</summary>
    public required int HttpStatus { get; init; }

    /// <summary>Whether doing the same again may succeed.</summary>
    public required bool Retryable { get; init; }
}

/// <summary>The protocol that is spoken here.</summary>
public sealed record ProtocolView
{
    /// <summary>Its version; also the header <c>A2A-Protocol-Version</c> of every reply.</summary>
    public required string Version { get; init; }
}

/// <summary>The front page for programs.</summary>
public sealed record IndexView
{
    /// <summary>The product.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the protocol.</summary>
    public required string ProtocolVersion { get; init; }

    /// <summary>Where everything is.</summary>
    public required IReadOnlyDictionary<string, string> Links { get; init; }
}
