using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.ServiceDefaults.Tests;

/// <summary>
/// A consumer that never returns holds no queue back once the connection is gone by which its message came: that message is somebody else's then.
/// </summary>
[Trait("Requirement", "48")]
public sealed class LostDeliveryTests(RabbitBroker broker) : IClassFixture<RabbitBroker>
{
    [Fact]
    public async Task A_consumer_that_waits_for_ever_does_not_keep_its_queue_from_coming_back()
    {
        await using var way = new TcpWay(broker.Host, broker.Port);
        var deaf = new Deaf();
        await using var host = await TestHost.Start(
            new LambdaModule
            {
                Services = services => services.AddSingleton(deaf),
                Consumers = bus => bus.AddConsumer<DeafConsumer>().Endpoint(endpoint => endpoint.Name = "deaf"),
            },
            "--A2A:Transport=rabbitmq", $"--RabbitMq:Host=127.0.0.1:{way.Port}", $"--RabbitMq:User={broker.User}",
            $"--RabbitMq:Password={broker.Password}", $"--RabbitMq:VirtualHost={broker.VirtualHost}");
        await host.Send("deaf", new Poke { Text = "hears nothing" });
        Assert.Equal(("hears nothing", false), await deaf.Next());

        way.Cut();
        way.Mend();

        Assert.Equal(("hears nothing", true), await deaf.Next());
        // It was left to itself, and not given up after the 30 s for which MassTransit waits for it.
        Assert.Contains(host.Log.Lines, line => line.Text.Contains("left to itself", StringComparison.Ordinal));
        deaf.Release();
    }

    private sealed class Deaf
    {
        private readonly Channel<(string?, bool)> _came = Channel.CreateUnbounded<(string?, bool)>();
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _released.TrySetResult();

        public async Task<(string?, bool)> Next() => await _came.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(90), CancellationToken.None);

        public Task Hold(Poke poke, bool again)
        {
            _ = _came.Writer.TryWrite((poke.Text, again));
            return again ? Task.CompletedTask : _released.Task;
        }
    }

    private sealed class DeafConsumer(Deaf deaf) : IConsumer<Poke>
    {
        // Whatever the token says.
        public Task Consume(ConsumeContext<Poke> context) => deaf.Hold(context.Message, context.ReceiveContext.Redelivered);
    }
}
