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
        var key = Path.GetTempFileName(); // readable by its owner alone
        await File.WriteAllTextAsync(key, $"m1 {Convert.ToBase64String(new byte[32])}\n");
        _host = await GatewayHost.Start(
            ("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", _server.ConnectionString), ("Security:MasterKeyFile", key));
        // The duty of this host would take what is due before the test does.
        await _host.Services.GetServices<IHostedService>().OfType<WebhookDuty>().Single().StopAsync(default);
    }

    [Fact]
    public async Task A_secret_is_read_as_it_was_and_never_stored_so()
    {
        var row = new WebhookRow
        {
            WebhookId = "wh-secret",
            Url = "https://example.org/",
            Secret = WebhookSecret.Draw(),
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
        };
        Assert.True(await Store.Add(row, 100, default));
        await using var source = Npgsql.NpgsqlDataSource.Create(_server.ConnectionString);
        await using var command = source.CreateCommand("SELECT secret FROM gateway.webhook WHERE webhook_id = 'wh-secret'");

        Assert.StartsWith("wrapped:m1:", (string?)await command.ExecuteScalarAsync(), StringComparison.Ordinal);
        Assert.Equal(row.Secret, (await Store.Find("wh-secret", default))!.Secret);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
    }
}
