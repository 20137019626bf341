using System.Collections.Concurrent;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Persistence.Tests;

/// <summary>What is ready together travels together, over a real broker, and nobody can tell from the outcome.</summary>
public sealed partial class LaneTests(RabbitBroker broker) : IClassFixture<RabbitBroker>, IAsyncLifetime
{
    private readonly Heard _heard = new();
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        _app = MicroHost.Build(
            ["--urls", "http://127.0.0.1:0", .. broker.Settings.Select(pair => $"--{pair.Key.Replace("__", ":", StringComparison.Ordinal)}={pair.Value}")],
            TransportKind.RabbitMq, StoreKind.InMemory, [new PingModule(_heard)]);
        await _app.StartAsync();
        await Eventually.True(() => _heard.Started, "the bus starts");
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Five_hundred_messages_said_at_once_all_arrive_in_few_deliveries()
    {
        var before = _heard.Deliveries;
        var ids = Enumerable.Range(0, 500).Select(_ => NewId()).ToArray();

        await Task.WhenAll(ids.Select(id => Say(new Ping { Id = id, Word = "hello" })));

        await Eventually.True(() => ids.All(id => Count(id).Result == 1), "every saga counts its ping");
        Assert.InRange(_heard.Deliveries - before, 1, 250);
    }

    [Fact]
    public async Task A_message_alone_goes_as_a_plain_message()
    {
        var bulks = _heard.Bulks;
        var id = NewId();

        await Say(new Ping { Id = id, Word = "alone" });

        await Eventually.True(() => Count(id).Result == 1, "the saga counts its ping");
        Assert.Equal(bulks, _heard.Bulks);
    }

    [Fact]
    public async Task Entries_that_come_again_in_another_bulk_change_nothing()
    {
        var ids = Enumerable.Range(0, 10).Select(_ => NewId()).ToArray();
        var entries = ids.Select(id => Entry(new Ping { Id = id, Word = "again" })).ToArray();
        var endpoint = await _app.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Tasks));
        var bulks = _heard.Bulks;

        for (var time = 0; time < 3; time++) { await endpoint.Send(new Bulk { Entries = entries }); }

        await Eventually.True(() => _heard.Bulks == bulks + 3, "three bulks are taken");
        Assert.All(ids, id => Assert.Equal(1, Count(id).Result));
    }

    [Fact]
    public async Task Entries_of_one_saga_in_several_bulks_at_once_all_count_in_few_commits()
    {
        var id = NewId();
        var endpoint = await _app.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Tasks));
        Bulk Fifty() => new() { Entries = [.. Enumerable.Range(0, 50).Select(_ => Entry(new Ping { Id = id, Word = "again" }))] };

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => endpoint.Send(Fifty())));

        await Eventually.True(() => Count(id).Result == 300, "the saga counts all its pings", () => $"{Count(id).Result}");
        Assert.InRange((await Find(id))!.Version, 1, 40);
    }

    [Fact]
    public async Task A_poison_entry_is_parked_alone_and_its_company_arrives()
    {
        var good = Enumerable.Range(0, 20).Select(_ => NewId()).ToArray();
        var poison = new BulkEntry
        {
            MessageId = NewId(),
            Urn = MessageUrn.ForTypeString<Ping>(),
            Body = JsonSerializer.SerializeToElement(new { id = NewId(), word = "poison" }),
        };
        var endpoint = await _app.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Tasks));

        await endpoint.Send(new Bulk { Entries = [.. good.Select(id => Entry(new Ping { Id = id, Word = "good" })), poison] });

        await Eventually.True(() => good.All(id => Count(id).Result == 1), "the others arrive");
        await Eventually.True(() => _heard.Parked.Contains(poison.MessageId), "the poison entry is parked under its own id");
        Assert.DoesNotContain(_heard.Parked, id => id != poison.MessageId);
    }

    [Fact]
    public async Task A_command_to_an_endpoint_that_does_not_exist_yet_is_not_taken_for_sent()
    {
        var lane = _app.Services.GetRequiredService<ILane>();
        Task ToNobody() => lane.Send(
            [Outgoing.Command(Endpoints.Allocations, new Ping { Id = NewId(), Word = "too early" }, TimeProvider.System)], CancellationToken.None);

        _ = await Assert.ThrowsAsync<MessageReturnedException>(ToNobody);
        var many = Enumerable.Range(0, 50).Select(_ => ToNobody()).ToArray();
        foreach (var one in many) { _ = await Assert.ThrowsAsync<MessageReturnedException>(() => one); }
    }

    [Fact]
    public async Task Every_entry_keeps_its_own_trace()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => NewId()).ToArray();
        var entries = ids.Select((id, i) => Entry(new Ping { Id = id, Word = "trace" }) with
        {
            TraceParent = $"00-{i + 1:x32}-00f067aa0ba902b7-01",
        });
        var endpoint = await _app.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Tasks));

        await endpoint.Send(new Bulk { Entries = [.. entries] });

        await Eventually.True(() => ids.All(id => Count(id).Result == 1), "all arrive");
        for (var i = 0; i < ids.Length; i++)
        {
            var saga = await Find(ids[i]);
            Assert.StartsWith($"00-{i + 1:x32}-", saga!.TraceParent, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Entries_that_wait_on_their_way_are_done_with_the_others_and_so_are_several_of_one_saga()
    {
        var ids = Enumerable.Range(0, 6).Select(_ => NewId()).ToArray();
        // Two that wait in different places, and each saga twice: the second entry must see what the first did.
        BulkEntry[] entries = [.. ids.Concat(ids).Select((id, i) => Entry(new Ping { Id = id, Word = i % 3 == 1 ? "slow" : "hello" }))];
        var endpoint = await _app.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Tasks));

        await endpoint.Send(new Bulk { Entries = entries });

        await Eventually.True(() => ids.All(id => Count(id).Result == 2), "every saga counts both");
        Assert.Empty(_heard.Parked);
    }

    private static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    private static BulkEntry Entry(Ping ping) => new()
    {
        MessageId = NewId(),
        Urn = MessageUrn.ForTypeString<Ping>(),
        Body = JsonSerializer.SerializeToElement(ping, WireJson.Options),
    };

    private Task Say(object message) => _app.Services.GetRequiredService<ILane>()
        .Send([Outgoing.Command(Endpoints.Tasks, message, TimeProvider.System)], CancellationToken.None);

    private async Task<PingSaga?> Find(Guid id) =>
        (await _app.Services.GetRequiredService<ISagaStore<PingSaga>>().Load(id, NewId(), starts: false, CancellationToken.None)).Saga;

    private async Task<int> Count(Guid id) => (await Find(id))?.Count ?? 0;
}

/// <summary>What the endpoint of the test saw.</summary>
public sealed class Heard : IReceiveObserver
{
    private int _deliveries;
    private int _bulks;
    private readonly ConcurrentDictionary<Guid, int> _faults = new();

    public bool Started { get; set; }

    public int Deliveries => Volatile.Read(ref _deliveries);

    public int Bulks => Volatile.Read(ref _bulks);

    public ConcurrentBag<Guid> Parked { get; } = [];

    public int Tries(Guid messageId) => _faults.GetValueOrDefault(messageId);

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context)
    {
        if (context.InputAddress.AbsolutePath.EndsWith(Endpoints.Tasks, StringComparison.Ordinal)) { _ = Interlocked.Increment(ref _deliveries); }
        return Task.CompletedTask;
    }

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class
    {
        if (context.Message is Bulk) { _ = Interlocked.Increment(ref _bulks); }
        return Task.CompletedTask;
    }

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class
    {
        if (context.MessageId is { } id) { _ = _faults.AddOrUpdate(id, 1, (_, before) => before + 1); }
        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
}

/// <summary>A saga that counts its pings, on the endpoint of tasks; a poisonous word fails.</summary>
public sealed class PingMachine : MassTransitStateMachine<PingSaga>
{
    public PingMachine()
    {
        InstanceState(saga => saga.State);
        Ringing = State("ringing");
        Event(() => Pinged, e => e.CorrelateById(context => context.Message.Id));
        Initially(When(Pinged).ThenAsync(Take).TransitionTo(Ringing));
        During(Ringing, When(Pinged).ThenAsync(Take));
    }

    public State<PingSaga> Ringing { get; }

    public Event<Ping> Pinged { get; private set; } = null!;

    private static async Task Take(BehaviorContext<PingSaga, Ping> context)
    {
        if (context.Message.Word == "slow") { await Task.Yield(); }
        if (context.Message.Word.StartsWith("poison", StringComparison.Ordinal)) { throw new InvalidOperationException(context.Message.Word); }
        context.Saga.Count++;
    }
}

internal sealed class PingDefinition : SagaDefinition<PingSaga>
{
    public PingDefinition() => EndpointName = Endpoints.Tasks;

    protected override void ConfigureSaga(IReceiveEndpointConfigurator endpointConfigurator,
        ISagaConfigurator<PingSaga> sagaConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.TakeBulkFor<PingSaga>(context);
        var partitions = endpointConfigurator.CreatePartitioner(16);
        sagaConfigurator.Message<Ping>(message => message.UsePartitioner(partitions, ping => ping.Message.Id));
    }
}

internal sealed class PingModule(Heard heard, bool readsErrors = true) : IModule
{
    public string Name => "ping";

    public void AddServices(IServiceCollection services, HostSetup setup) =>
        services.AddSagaStore<PingSaga, PingDb>(setup.Stores).AddSingleton(heard).AddHostedService<Observing>();

    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
    {
        _ = bus.AddSagaStateMachine<PingMachine, PingSaga, PingDefinition>().EntityFrameworkRepository();
        if (!readsErrors) { return; }
        bus.AddConsumer<ErrorReader>().Endpoint(endpoint =>
        {
            endpoint.Name = Endpoints.Tasks + "_error";
            endpoint.ConfigureConsumeTopology = false;
        });
    }

    private sealed class ErrorReader(Heard heard) : IConsumer<Ping>
    {
        public Task Consume(ConsumeContext<Ping> context)
        {
            heard.Parked.Add(context.MessageId!.Value);
            return Task.CompletedTask;
        }
    }

    private sealed class Observing(IBusControl bus, Heard heard) : Microsoft.Extensions.Hosting.BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            _ = bus.ConnectReceiveObserver(heard);
            _ = await bus.WaitForHealthStatus(BusHealthStatus.Healthy, stoppingToken);
            heard.Started = true;
        }
    }
}
