using System.Net;
using A2A.Micro.Gateway;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Persistence;
using A2A.Micro.Security.Services;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Security.Tests;

/// <summary>Services know each other by a pass; whoever has none is answered by none of their own routes.</summary>
[Trait("Requirement", "61")]
public sealed class ServicePassTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly ServiceRequest Asked = new("state-sync", "GET", "/internal/state/tasks?limit=5", "acme");
    private readonly string _folder = Directory.CreateTempSubdirectory("a2a-pass-").FullName;
    private readonly HttpClient _http = new();
    private WebApplication? _stateSync;

    private string KeyFile => Path.Combine(_folder, "service-key");

    public async Task InitializeAsync()
    {
        Use(Line("s1", 1));
        _stateSync = Host(new StateSyncModule());
        await _stateSync.StartAsync();
        _http.BaseAddress = new Uri(_stateSync.Urls.First());
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _stateSync!.StopAsync();
        await _stateSync.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_pass_has_a_form_that_others_can_make()
    {
        // Made apart from this code: HKDF-SHA256 (32 bytes of 1, the salt, "state-sync"), then HMAC-SHA256 over the words with their lengths.
        Assert.Equal("v1.s1.1774094400.njWEU-Z7xGIXZOE0VuunmSzgiBwweZ3TGXjGJAn7t_k", ServicePass.Make(Keys(1), Asked, Now));
    }

    [Fact]
    public void A_pass_is_good_for_one_request_of_one_minute_and_for_nothing_else()
    {
        var pass = ServicePass.Make(Keys(1), Asked, Now);
        Assert.Null(ServicePass.Refuses(Keys(1), pass, Asked, Now));
        Assert.Null(ServicePass.Refuses(Keys(1), pass, Asked, Now + ServicePass.Window));
        Assert.Null(ServicePass.Refuses(ServiceKeys.Parse(Line("s2", 2) + Line("s1", 1)), pass, Asked, Now));
        foreach (var other in new[]
        {
            Asked with { Service = "gateway" }, Asked with { Method = "POST" }, Asked with { Target = "/internal/state/tasks?limit=50" },
            Asked with { Tenant = "other" }, Asked with { Tenant = "" }, Asked with { Tenant = "acme\n" },
        })
        {
            Assert.Equal("a pass for something else", ServicePass.Refuses(Keys(1), pass, other, Now));
        }

        Assert.Equal("a pass for something else", ServicePass.Refuses(Keys(2), pass, Asked, Now));
        Assert.Equal("an unknown key", ServicePass.Refuses(ServiceKeys.Parse(Line("s2", 1)), pass, Asked, Now));
        foreach (var at in new[] { Now + TimeSpan.FromSeconds(61), Now - TimeSpan.FromSeconds(61) })
        {
            Assert.Equal("an old pass, or clocks that are apart", ServicePass.Refuses(Keys(1), pass, Asked, at));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("v1")]
    [InlineData("v1.s1.1774094400.")]
    [InlineData("v1.s1.1774094400.AAAA")]
    [InlineData("v2.s1.1774094400.njWEU-Z7xGIXZOE0VuunmSzgiBwweZ3TGXjGJAn7t_k")]
    [InlineData("v1.s1.-1774094400.njWEU-Z7xGIXZOE0VuunmSzgiBwweZ3TGXjGJAn7t_k")]
    [InlineData("v1.s1.99999999999999999999.njWEU-Z7xGIXZOE0VuunmSzgiBwweZ3TGXjGJAn7t_k")]
    [InlineData("v1.s1.1774094400.njWEU-Z7xGIXZOE0VuunmSzgiBwweZ3TGXjGJAn7t_k.x")]
    [InlineData("v1.s1.1774094400.AjWEU-Z7xGIXZOE0VuunmSzgiBwweZ3TGXjGJAn7t_k")]
    public void What_is_no_pass_is_refused(string? pass) => Assert.NotNull(ServicePass.Refuses(Keys(1), pass, Asked, Now));

    [Fact]
    public async Task Without_a_pass_no_route_of_the_services_own_answers()
    {
        var routes = _stateSync!.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.StartsWith("/internal", StringComparison.OrdinalIgnoreCase)).ToList();
        Assert.Equal(10, routes.Count);
        foreach (var route in routes)
        {
            var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
            var path = route.RoutePattern.RawText!.Replace("{id}", "x", StringComparison.Ordinal).Replace("{type}", "x", StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Unauthorized, await Ask(method, path));
            Assert.Equal(HttpStatusCode.Unauthorized, await Ask(method, path.ToUpperInvariant()));
            Assert.Equal(HttpStatusCode.Unauthorized, await Ask(method, path, "v1.s1.1774094400.njWEU-Z7xGIXZOE0VuunmSzgiBwweZ3TGXjGJAn7t_k"));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await Ask("GET", "/internal/of-nobody"));
        Assert.Equal(HttpStatusCode.OK, await Ask("GET", "/health/live"));
    }

    [Fact]
    public async Task A_pass_opens_what_it_was_made_for_and_for_the_tenant_that_it_says()
    {
        var pass = ServicePass.Make(Keys(1), new("state-sync", "GET", "/internal/state/tasks?limit=5", "acme"), TimeProvider.System.GetUtcNow());
        Assert.Equal(HttpStatusCode.OK, await Ask("GET", "/internal/state/tasks?limit=5", pass, "acme"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask("GET", "/internal/state/tasks?limit=5", pass, "other"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask("GET", "/internal/state/tasks?limit=5", pass));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask("GET", "/internal/state/tasks?limit=6", pass, "acme"));
    }

    [Fact]
    public async Task The_gateway_shows_a_pass_also_while_the_key_changes()
    {
        await using var gateway = Host(new GatewayModule(), "--StateSync:Url=" + _stateSync!.Urls.First());
        var queries = gateway.Services.GetRequiredService<Contracts.States.IStateQueries>();
        Assert.IsType<HttpStateQueries>(queries);
        Assert.Null(await queries.Find("nobody", default));
        Use(Line("s2", 2) + Line("s1", 1));
        for (var i = 0; i < 20; i++)
        {
            Assert.Null(await queries.Find("nobody", default));
            Assert.Empty((await queries.List(new Contracts.States.TaskFilter { Limit = 5 }, default)).Tasks);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System); // over the second in which both look at the file again
        }
    }

    private static ServiceKeys Keys(byte fill) => ServiceKeys.Parse(Line("s1", fill));

    private static string Line(string name, byte fill) => $"{name} {Convert.ToBase64String([.. Enumerable.Repeat(fill, 32)])}\n";

    private void Use(string keys)
    {
        File.WriteAllText(KeyFile, keys);
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite); }
    }

    private async Task<HttpStatusCode> Ask(string method, string path, string? pass = null, string? tenant = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (pass is not null) { request.Headers.Add(ServicePass.Header, pass); }
        if (tenant is not null) { request.Headers.Add(ServicePass.TenantHeader, tenant); }
        using var reply = await _http.SendAsync(request);
        return reply.StatusCode;
    }

    private WebApplication Host(IModule module, params string[] more) => MicroHost.Build(
        ["--urls=http://127.0.0.1:0", "--environment=Test", "--Logging:LogLevel:Default=Error", "--Security:ServiceKeyFile=" + KeyFile, .. more],
        TransportKind.InMemory, StoreKind.InMemory, [module]);
}
