using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Somebody's server that webhooks are sent to.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.First() + "/hook";

    /// <summary>Everything that came, in the order of arrival.</summary>
    public ConcurrentQueue<Hook> Hooks { get; } = new();

    /// <summary>What is answered, by what came and how many came before it.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public static async Task<Receiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new Receiver(app);
        app.MapPost("/hook", receiver.Take);
        app.MapFallback(context => { receiver.Elsewhere++; return Task.CompletedTask; });
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Calls that came to any other place.</summary>
    public int Elsewhere { get; private set; }

    public async Task<IReadOnlyList<Hook>> Got(int count)
    {
        await Eventually.True(() => Hooks.Count >= count, $"{count} deliveries arrive", () => Hooks.Count + " came");
        return [.. Hooks];
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task Take(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var before = Hooks.Count;
        Hooks.Enqueue(new Hook(
            http.Request.Headers["webhook-id"].ToString(), http.Request.Headers["webhook-timestamp"].ToString(),
            http.Request.Headers["webhook-signature"].ToString(), http.Request.ContentType, body, [.. http.Request.Headers.Keys]));
        await Answer(http, before);
    }
}

internal sealed record Hook(string Id, string Timestamp, string Signature, string? ContentType, string Body, string[] Headers)
{
    public JsonElement Event => JsonElement.Parse(Body);
}
