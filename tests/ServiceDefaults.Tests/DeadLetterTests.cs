using System.Text;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using RabbitMQ.Client;

namespace A2A.Micro.ServiceDefaults.Tests;

/// <summary>A message that kills whoever takes it must neither live for ever nor get lost (G22).</summary>
public sealed class DeadLetterTests(RabbitBroker broker) : IClassFixture<RabbitBroker>
{
    private const string DeadLetters = "a2a.dead-letters";

    // The first one and twenty again.
    private const int Deliveries = 21;

    [Fact]
    public async Task What_is_delivered_too_often_is_kept_among_the_dead_letters()
    {
        await Declare("limit.service");
        await using var channel = await Open();
        await Publish(channel, "limit.service", "deadly");

        await GiveBack(channel, "limit.service", Deliveries);

        var letter = await Eventually.Seen(
            cancellation => channel.BasicGetAsync(DeadLetters, autoAck: true, cancellation), found => found is not null, "a dead letter");
        Assert.Equal("deadly", Encoding.UTF8.GetString(letter!.Body.Span));
        Assert.Null(await channel.BasicGetAsync("limit.service", autoAck: true));
        Assert.Equal("limit.service", Encoding.UTF8.GetString((byte[])letter.BasicProperties.Headers!["x-first-death-queue"]!));
    }

    [Fact]
    public async Task What_an_agent_was_told_is_not_kept()
    {
        await Declare(Endpoints.Agent("limit"));
        await using var channel = await Open();
        await Publish(channel, Endpoints.Agent("limit"), "old offer");

        await GiveBack(channel, Endpoints.Agent("limit"), Deliveries);

        _ = await Eventually.Seen(
            cancellation => channel.MessageCountAsync(Endpoints.Agent("limit"), cancellation), count => count == 0, "an empty queue");
        Assert.Null(await channel.BasicGetAsync(DeadLetters, autoAck: true));
    }

    // A host declares what it needs, then goes: the queues stay as a real one would leave them.
    private async Task Declare(string queue)
    {
        var module = new LambdaModule
        {
            Queues = (bus, _) => bus.ReceiveEndpoint(queue, endpoint => endpoint.Handler<Poke>(_ => Task.CompletedTask)),
        };
        string[] args = [.. broker.Settings.Select(pair => $"--{pair.Key.Replace("__", ":", StringComparison.Ordinal)}={pair.Value}")];
        await using var host = await TestHost.Start(module, [.. args, "--A2A:Transport=rabbitmq"]);
    }

    private async Task<IChannel> Open()
    {
        var connection = await new ConnectionFactory { Uri = broker.Address }.CreateConnectionAsync();
        return await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
    }

    private static ValueTask Publish(IChannel channel, string queue, string body) =>
        channel.BasicPublishAsync("", queue, mandatory: true, Encoding.UTF8.GetBytes(body));

    // What was given back is ready again a moment later.
    private static async Task GiveBack(IChannel channel, string queue, int times)
    {
        for (var time = 1; time <= times; time++)
        {
            var delivery = await Eventually.Seen(
                cancellation => channel.BasicGetAsync(queue, autoAck: false, cancellation), found => found is not null, $"delivery {time}");
            await channel.BasicNackAsync(delivery!.DeliveryTag, multiple: false, requeue: true);
        }
    }
}
