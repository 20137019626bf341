using System.Net;
using A2A.Micro.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.ServiceDefaults.Tests;

/// <summary>A host and what it depends on: a broker that is away, a collector that listens.</summary>
[Trait("Requirement", "100")]
public sealed class OutsideWorldTests
{
    [Fact]
    public async Task While_the_broker_is_down_a_host_serves_but_is_not_ready()
    {
        await using var app = MicroHost.Build(
            ["--urls", "http://127.0.0.1:0", "--Logging:Console:LogLevel:Default=None", "--A2A:Stores=inmemory",
                "--RabbitMq:Host=127.0.0.1", $"--RabbitMq:Port={FreePort.Next()}"],
            TransportKind.RabbitMq, StoreKind.Postgres, [new LambdaModule()]);
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var live = await http.GetAsync(new Uri("/health/live", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        await app.StopAsync();
    }

    [Fact]
    public async Task With_an_OTLP_endpoint_traces_and_metrics_are_exported_under_the_services_name()
    {
        var bodies = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();
        var collector = new LambdaModule
        {
            Routes = routes => routes.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
            {
                using var reader = new StreamReader(request.Body, System.Text.Encoding.Latin1);
                var body = await reader.ReadToEndAsync();
                _ = bodies.AddOrUpdate(signal, body, (_, before) => before + body);
            }),
        };
        await using var receiver = await TestHost.Start(collector);
        var observed = new LambdaModule { Routes = routes => routes.MapGet("/exported/{id}", (string id) => id) };
        await using (var host = await TestHost.Start(
            observed, "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", $"--OTEL_EXPORTER_OTLP_ENDPOINT={receiver.App.Urls.First()}",
            "--OTEL_RESOURCE_ATTRIBUTES=team=blue"))
        {
            using var reply = await host.Http.GetAsync(new Uri("/exported/1", UriKind.Relative));
        }

        Assert.Contains("a2a-lambda", bodies["traces"], StringComparison.Ordinal);
        Assert.Contains("GET /exported/{id}", bodies["traces"], StringComparison.Ordinal);
        Assert.Contains("blue", bodies["traces"], StringComparison.Ordinal);
        Assert.Contains("http.server.request.duration", bodies["metrics"], StringComparison.Ordinal);
    }
}
