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
