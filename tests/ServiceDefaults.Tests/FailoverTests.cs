using A2A.Micro.Contracts.Errors;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.ServiceDefaults.Tests;

/// <summary>COM002, failover to the next configured endpoint (requirement 48): two ways to one broker, and the canary that says so.</summary>
[Trait("Requirement", "48")]
public sealed class FailoverTests(RabbitBroker broker) : IClassFixture<RabbitBroker>
{
    [Fact]
    public async Task When_one_node_cannot_be_reached_messages_go_by_the_next_one_and_readiness_follows()
    {
        await using var first = new TcpWay(broker.Host, broker.Port);
        await using var second = new TcpWay(broker.Host, broker.Port);
        var seen = new Seen();
        await using var host = await TestHost.Start(
            new LambdaModule
            {
                Services = services => services.AddSingleton(seen),
                Consumers = bus => bus.AddConsumer<PokeConsumer>().Endpoint(endpoint => endpoint.Name = seen.Endpoint),
            },
            "--A2A:Transport=rabbitmq", $"--RabbitMq:Host=127.0.0.1:{first.Port},127.0.0.1:{second.Port}", $"--RabbitMq:User={broker.User}",
            $"--RabbitMq:Password={broker.Password}", $"--RabbitMq:VirtualHost={broker.VirtualHost}", "--RabbitMq:HeartbeatSeconds=1");
        Assert.Equal(200, await Ready(host));
        await Arrives(host, seen, "before");

        first.Cut();
        await Arrives(host, seen, "by the second");
        first.Mend();
        second.Cut();
        await Arrives(host, seen, "by the first");

        first.Cut();
        _ = await Eventually.Seen(_ => Ready(host), status => status == 503, "it says that it is not ready");
        second.Mend();
        _ = await Eventually.Seen(_ => Ready(host), status => status == 200, "it is ready again");
        await Arrives(host, seen, "after all");
    }

    private static async Task<int> Ready(TestHost host)
    {
        using var reply = await host.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return (int)reply.StatusCode;
    }

    private static async Task Arrives(TestHost host, Seen seen, string text)
    {
        _ = await Eventually.Seen(async _ =>
        {
            try
            {
                await host.Send(seen.Endpoint, new Poke { Text = text, Kind = Severity.Warning }).WaitAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
                return true;
            }
            catch (Exception e) when (e is TimeoutException or MassTransitException or InvalidOperationException or OperationCanceledException)
            {
                return false;
            }
        }, sent => sent, $"{text} is sent", within: TimeSpan.FromSeconds(60));
        while ((await seen.Next()).Text != text) { }
    }
}
