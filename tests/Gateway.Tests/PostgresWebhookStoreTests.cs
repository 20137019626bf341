using A2A.Micro.Gateway.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace A2A.Micro.Gateway.Tests;

public sealed class PostgresWebhookStoreTests : WebhookStoreSuite, IAsyncLifetime
{
    private readonly PostgresServer _server = new();
    private readonly string _keys = Path.GetTempFileName(); // readable by its owner alone
    private static readonly string Older = $"m1 {Convert.ToBase64String(new byte[32])}\n";
    private GatewayHost _host = null!;

    protected override IWebhookStore Store => _host.Services.GetRequiredService<IWebhookStore>();

    public async Task InitializeAsync()
    {
        await _server.InitializeAsync();
        await File.WriteAllTextAsync(_keys, Older);
        _host = await GatewayHost.Start(
            ("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", _server.ConnectionString), ("Security:MasterKeyFile", _keys));
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

    [Fact]
    [Trait("Requirement", "60")]
    public async Task What_an_older_key_wrapped_is_brought_under_the_one_of_now_and_read_without_the_older()
    {
        var row = new WebhookRow
        {
            WebhookId = "wh-old",
            Url = "https://example.org/",
            Secret = WebhookSecret.Draw(),
            OldSecret = WebhookSecret.Draw(),
            OldSecretUntil = DateTimeOffset.MaxValue,
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
        };
        Assert.True(await Store.Add(row, 100, default));
        var store = _host.Services.GetRequiredService<PostgresWebhookStore>();
        Assert.Equal(0, await store.Rewrap(default));
        var newer = $"m2 {Convert.ToBase64String([.. Enumerable.Repeat((byte)2, 32)])}\n";
        await File.WriteAllTextAsync(_keys, newer + Older);
        // The file is looked at once a second.
        Assert.Equal(1, await Eventually.Seen(_ => store.Rewrap(default), count => count > 0, "it is wrapped anew"));
        await File.WriteAllTextAsync(_keys, newer);
        var read = await Eventually.Seen(_ => Store.Find("wh-old", default), found => found is not null, "it is read");
        Assert.Equal((row.Secret, row.OldSecret), (read!.Secret, read.OldSecret));
        await using var source = Npgsql.NpgsqlDataSource.Create(_server.ConnectionString);
        await using var command = source.CreateCommand(
            "SELECT count(*) FROM gateway.webhook WHERE secret LIKE 'wrapped:m2:%' AND old_secret LIKE 'wrapped:m2:%'");
        Assert.Equal(1L, await command.ExecuteScalarAsync());
        Assert.Equal(0, await store.Rewrap(default));
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
    }
}
