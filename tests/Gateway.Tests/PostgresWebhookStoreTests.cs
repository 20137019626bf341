using A2A.Micro.Gateway.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace A2A.Micro.Gateway.Tests;

public sealed class PostgresWebhookStoreTests : WebhookStoreSuite, IAsyncLifetime
{
    private readonly PostgresServer _server = new();
    private GatewayHost _host = null!;

    protected override IWebhookStore Store => _host.Services.GetRequiredService<IWebhookStore>();

    public async Task InitializeAsync()
    {
        await _server.InitializeAsync();
        _host = await GatewayHost.Start(("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", _server.ConnectionString));
        // The duty of this host would take what is due before the test does.
        await _host.Services.GetServices<IHostedService>().OfType<WebhookDuty>().Single().StopAsync(default);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
    }
}
