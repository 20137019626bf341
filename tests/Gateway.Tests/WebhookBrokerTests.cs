using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using PublishException = RabbitMQ.Client.Exceptions.PublishException;
using static A2A.Micro.Gateway.Tests.WebhookRulesTests;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Webhooks on the real broker and database, with two Gateways that share the work.</summary>
public sealed class WebhookBrokerTests(RabbitBroker broker) : IClassFixture<RabbitBroker>, IAsyncLifetime
{
    private readonly PostgresServer _server = new();

    public Task InitializeAsync() => _server.InitializeAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Events_come_while_there_are_webhooks_and_two_gateways_deliver_each_of_them_once()
    {
        await using var receiver = await Receiver.Start();
        await using var first = await Start();
        await using var second = await Start();
        await Eventually.Seen(_ => IsHeard(), heard => !heard, "nobody listens");

        using var made = await first.Post("/v1/webhooks", $$"""{"url":"{{receiver.Url}}","events":["task.completed"]}""");
        Assert.Equal(201, (int)made.StatusCode);
        Assert.True(await IsHeard(), "the answer came before the events");
        var endpoint = await first.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("exchange:task.events.default"));
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => endpoint.Send(Event($"t{i}", TaskState.Completed))));
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => endpoint.Send(Event($"t{i}", TaskState.Completed))));

        var self = (await made.Json()).GetProperty("links").Text("self")!;
        await Eventually.Seen(async _ => (await (await second.Get(self + "/deliveries?status=delivered&limit=200")).Json()).GetProperty("deliveries"),
            all => all.GetArrayLength() == 60, "all are delivered");
        Assert.Equal(60, receiver.Hooks.Count);
        Assert.Equal(60, receiver.Hooks.Select(hook => hook.Id).Distinct().Count());

        using var removed = await second.Send(HttpMethod.Delete, self, null);
        Assert.Equal(204, (int)removed.StatusCode);
        await Eventually.Seen(_ => IsHeard(), heard => !heard, "nobody listens any more");
        using var again = await second.Post("/v1/webhooks", $$"""{"url":"{{receiver.Url}}"}""");
        Assert.True(await IsHeard(), "the second webhook is not heard for");
    }

    // What StateSync asks the broker: is there a queue that takes it?
    private async Task<bool> IsHeard()
    {
        await using var connection = await new ConnectionFactory { Uri = broker.Address }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.ExchangeDeclareAsync("task.events.default", "fanout", durable: true);
        var probe = new BasicProperties { ContentType = "application/vnd.masstransit+json" };
        try
        {
            await channel.BasicPublishAsync("task.events.default", "", mandatory: true, probe,
                """{"messageType":["a2a:a.probe"],"message":{}}"""u8.ToArray());
            return true;
        }
        catch (PublishException e) when (e.IsReturn)
        {
            return false;
        }
    }

    private async Task<GatewayHost> Start()
    {
        var host = await GatewayHost.Start(new Neighbours(),
        [
            ("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", _server.ConnectionString), ("A2A:Transport", "rabbitmq"),
            ("Logging:LogLevel:Default", "None"), ("A2A:Webhooks:AllowPrivate", "true"),
            .. broker.Settings.Select(pair => (pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value)),
        ]);
        await Eventually.Seen(async _ => (int)(await host.Get("/health/ready")).StatusCode, status => status == 200, "the bus is up");
        return host;
    }
}
