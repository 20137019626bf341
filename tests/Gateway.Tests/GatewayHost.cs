using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

/// <summary>
/// The Gateway on a real Kestrel, with in-memory stores and bus, beside neighbours that the test plays itself. One per test class
/// or per test; settings are configuration keys such as <c>A2A:Gateway:Heartbeat</c>.
/// </summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayHost(WebApplication app, Neighbours neighbours)
    {
        (_app, Neighbours) = (app, neighbours);
        Http = new HttpClient(new ApiChecks()) { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Http { get; }

    public Neighbours Neighbours { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<GatewayHost> Start(params (string Key, string Value)[] settings) => Start(new Neighbours(), settings);

    /// <summary>Settings may say otherwise: <c>A2A:Stores</c>, <c>A2A:Transport</c>.</summary>
    internal static async Task<GatewayHost> Start(Neighbours neighbours, params (string Key, string Value)[] settings)
    {
        string[] args = ["--urls=http://127.0.0.1:0", "--environment=Test", "--Security:Mode=open", .. settings.Select(pair => $"--{pair.Key}={pair.Value}")];
        var app = MicroHost.Build(
            args, TransportKind.InMemory, StoreKind.InMemory, [new NeighboursModule(neighbours), new GatewayModule()]);
        await app.StartAsync();
        return new GatewayHost(app, neighbours);
    }

    public Task<HttpResponseMessage> Post(string path, string json, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")), headers);

    public Task<HttpResponseMessage> Get(string path, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Get, path, null, headers);

    public async Task<HttpResponseMessage> Send(
        HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.RelativeOrAbsolute)) { Content = content };
        foreach (var (name, value) in headers) { request.Headers.TryAddWithoutValidation(name, value); }
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

internal static class Reply
{
    public static async Task<JsonElement> Json(this HttpResponseMessage reply) =>
        JsonElement.Parse(await reply.Content.ReadAsStringAsync());

    /// <summary>The problem of a refusal, after what holds for every refusal was checked.</summary>
    public static async Task<JsonElement> Problem(this HttpResponseMessage reply, int status, string code)
    {
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(status == (int)reply.StatusCode, $"{(int)reply.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType?.MediaType);
        Assert.Equal("1.0.0", reply.Headers.GetValues("A2A-Protocol-Version").Single());
        var problem = JsonElement.Parse(text);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal("/errors#" + code, problem.GetProperty("type").GetString());
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("trace_id").GetString());
        foreach (var member in new[] { "title", "detail", "instance", "severity", "recovery" })
        {
            Assert.False(string.IsNullOrEmpty(problem.GetProperty(member).GetString()), member);
        }

        return problem;
    }

    public static string[] Pointers(this JsonElement problem) =>
        problem.TryGetProperty("errors", out var errors)
            ? [.. errors.EnumerateArray().Select(error => error.GetProperty("pointer").GetString()!)]
            : [];
}
