using A2A.Micro.Gateway.Access;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Security.Tests;

/// <summary>Who may use which route.</summary>
[Trait("Requirement", "61")]
public sealed class AccessTests(SecureHost host) : IClassFixture<SecureHost>
{
    [Fact]
    public void Every_route_has_a_rule_and_one_without_lets_nobody_in()
    {
        var offender = new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/v1/planted"), 0,
            new EndpointMetadataCollection(new EndpointNameMetadata("planted")), "planted");
        Assert.Equal(["/v1/planted"], WithoutRule([offender]));
        Assert.Empty(WithoutRule(Routes().Where(route => !route.RoutePattern.RawText!.StartsWith("/internal/", StringComparison.Ordinal))));
        Assert.NotNull(AccessGate.Objection(Caller.Anybody, AccessTable.Of(offender)));
    }

    [Fact]
    public async Task The_document_says_of_every_operation_which_scopes_it_asks_for_and_how_it_refuses()
    {
        using var reply = await host.Send(HttpMethod.Get, "/openapi/v1.json", credential: null);
        var document = await SecureHost.Json(reply);
        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer").GetProperty("scheme").GetString());
        Assert.Equal("X-API-Key", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("apiKey").GetProperty("name").GetString());
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(one => one.Value).ToList();
        Assert.True(operations.Count > 60);
        foreach (var operation in operations)
        {
            var rule = AccessTable.Of(operation.GetProperty("operationId").GetString()!);
            var security = operation.GetProperty("security").EnumerateArray().ToList();
            if (rule.Reach == Reach.Public)
            {
                Assert.Empty(security);
                continue;
            }

            Assert.Equal(ScopeWords.Print(rule.Scopes), security[0].GetProperty("bearer").EnumerateArray().Select(scope => scope.GetString()));
            Assert.Equal(ScopeWords.Print(rule.Scopes), security[1].GetProperty("apiKey").EnumerateArray().Select(scope => scope.GetString()));
            Assert.All((string[])["401", "403"], status => Assert.True(operation.GetProperty("responses").TryGetProperty(status, out _), status));
        }
    }

    [Fact]
    public async Task A_credential_with_every_other_scope_is_refused_on_every_route()
    {
        foreach (var route in Routes().Where(route => AccessTable.Of(route) is { Scopes: not Scopes.None }))
        {
            var wanted = AccessTable.Of(route).Scopes;
            var lacks = host.Token(Tokens.Claims(("scope", string.Join(' ', ScopeWords.Print(Scopes.All & ~wanted)))));
            using var reply = await host.Send(MethodOf(route), PathOf(route), lacks);
            var problem = await SecureHost.Json(reply);
            Assert.True(reply.StatusCode == System.Net.HttpStatusCode.Forbidden, $"{route.RoutePattern.RawText}: {reply.StatusCode}");
            Assert.Equal("FORBIDDEN", problem.GetProperty("code").GetString());
            Assert.Contains(ScopeWords.Print(wanted)[0], problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_credential_with_just_the_scope_passes_the_door_of_every_route()
    {
        foreach (var route in Routes().Where(route => AccessTable.Of(route) is { Scopes: not Scopes.None }))
        {
            var has = host.Token(Tokens.Claims(("scope", string.Join(' ', ScopeWords.Print(AccessTable.Of(route).Scopes)))));
            using var reply = await host.Send(MethodOf(route), PathOf(route), has);
            Assert.False((int)reply.StatusCode is 401 or 403 or >= 500, $"{route.RoutePattern.RawText}: {reply.StatusCode}");
        }
    }

    [Fact]
    public async Task Without_a_credential_only_what_is_public_answers()
    {
        foreach (var route in Routes())
        {
            using var reply = await host.Send(MethodOf(route), PathOf(route), credential: null);
            var isPublic = AccessTable.Of(route).Reach == Reach.Public;
            Assert.True(isPublic != (reply.StatusCode == System.Net.HttpStatusCode.Unauthorized), $"{route.RoutePattern.RawText}: {reply.StatusCode}");
        }

        using var nothing = await host.Send(HttpMethod.Get, "/v1/nothing", credential: null);
        Assert.Equal(401, (int)nothing.StatusCode);
    }

    [Theory]
    [InlineData("/v1/tasks?access_token=x")]
    [InlineData("/v1/tasks?API_KEY=x")]
    [InlineData("/v1/tasks?q={key}")]
    public async Task A_credential_in_an_address_is_refused_though_there_is_a_good_one(string path)
    {
        using var reply = await host.Send(
            HttpMethod.Get, path.Replace("{key}", ApiKeyText.New("prod").Show(), StringComparison.Ordinal), host.AdminKey.Show());
        Assert.Equal(401, (int)reply.StatusCode);
        Assert.Contains("in an address", (await SecureHost.Json(reply)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/protocol")]
    [InlineData("/v1/tasks")]
    [InlineData("/nothing")]
    [InlineData("/docs/index.html")]
    public async Task Every_reply_tells_browsers_to_load_and_frame_nothing_of_others(string path)
    {
        using var reply = await host.Send(HttpMethod.Get, path, credential: null);
        Assert.StartsWith("default-src 'none'; script-src 'self';", reply.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", reply.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", reply.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", reply.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
    }

    [Fact]
    public async Task Two_credentials_are_one_too_many()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/tasks", UriKind.Relative));
        request.Headers.Add("Authorization", "Bearer " + host.AdminKey.Show());
        request.Headers.Add("X-API-Key", host.AdminKey.Show());
        using var reply = await host.Http.SendAsync(request);
        Assert.Equal(401, (int)reply.StatusCode);
    }

    [Fact]
    public async Task A_message_in_an_envelope_is_judged_by_the_rule_of_its_own_route()
    {
        var reader = host.Token(Tokens.Claims(("scope", "tasks:read")));
        using var reply = await host.Send(HttpMethod.Post, "/v1/messages", reader,
            new { message_type = "task.submit", payload = new { task_type = "test.work" } });
        Assert.Equal(403, (int)reply.StatusCode);
    }

    [Fact]
    public async Task A_result_is_opened_for_who_asked_for_the_task_and_for_who_administers_tasks_and_for_nobody_else()
    {
        var (ann, bob, chief) = (As("ann", "tasks:submit tasks:read"), As("bob", "tasks:read"), As("chief", "tasks:read tasks:admin"));
        using var made = await host.Send(HttpMethod.Post, "/v1/tasks?wait=20", ann, new { task_id = "of-ann", task_type = "test.work" });
        Assert.Equal(200, (int)made.StatusCode);
        foreach (var (credential, status) in new[] { (ann, 200), (bob, 403), (chief, 200) })
        {
            using var reply = await host.Send(HttpMethod.Get, "/v1/tasks/of-ann/result?reveal=true", credential);
            Assert.Equal(status, (int)reply.StatusCode);
        }

        using var sealedOne = await host.Send(HttpMethod.Get, "/v1/tasks/of-ann/result", bob);
        Assert.Equal(200, (int)sealedOne.StatusCode);

        string As(string subject, string scopes) => host.Token(Tokens.Claims(("sub", subject), ("scope", scopes)));
    }

    private static string[] WithoutRule(IEnumerable<RouteEndpoint> routes) =>
        [.. routes.Where(route => AccessTable.Of(route).Reach == Reach.Nobody).Select(route => route.RoutePattern.RawText!)];

    private IEnumerable<RouteEndpoint> Routes() => host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static HttpMethod MethodOf(Endpoint route) =>
        new(route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0] ?? "GET");

    private static string PathOf(RouteEndpoint route) => route.RoutePattern.RawText is "/openapi/{documentName}.json"
        ? "/openapi/v1.json"
        : "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            _ => "x1",
        }))));
}
