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

/// <summary>What cannot be taken is parked alone, with a reason, and costs nobody else anything: no company, no connection.</summary>
[Trait("Requirement", "39")]
public sealed class BulkPoisonTests(RabbitBroker broker) : IClassFixture<RabbitBroker>, IAsyncLifetime
{
    private readonly Heard _heard = new();
    private readonly Notebook _notebook = new();
    private WebApplication _app = null!;
    private RawQueue _raw = null!;

    public async Task InitializeAsync()
    {
        _app = MicroHost.Build(
            ["--urls", "http://127.0.0.1:0", .. broker.Settings.Select(pair => $"--{pair.Key.Replace("__", ":", StringComparison.Ordinal)}={pair.Value}")],
            TransportKind.RabbitMq, StoreKind.InMemory, [new PingModule(_heard, readsErrors: false), new NoteModule(_notebook)]);
        await _app.StartAsync();
        await Eventually.True(() => _heard.Started, "the bus starts");
        _raw = await RawQueue.Connect(broker);
    }

    public async Task DisposeAsync()
    {
        await _raw.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public static TheoryData<string> BothEndpoints() => new(Endpoints.Tasks, Endpoints.Transitions);

    [Theory]
    [MemberData(nameof(BothEndpoints))]
    public async Task Corrupt_entries_are_parked_alone_with_a_reason_and_their_company_arrives(string endpoint)
    {
        var connections = await Connections();
        var good = Enumerable.Range(0, 20).Select(_ => NewId()).ToArray();
        var unknown = Entry(new { id = NewId(), word = "good" }) with { Urn = "a2a:nobody.knows.this" };
        BulkEntry[] wrong =
        [
            Entry(new { id = new { not = "an id" }, word = "wrong" }), Entry(new[] { 1, 2, 3 }), Entry("only a text"), Entry(12.5), Entry<object?>(null),
        ];
        var poison = Entry(new { id = NewId(), word = "poison" });

        await Send(endpoint, [.. good.Take(10).Select(Good), unknown, .. wrong, poison, .. good.Skip(10).Select(Good)]);

        await Eventually.True(() => good.All(id => Arrived(endpoint, id).Result), "the good ones arrive");
        var skipped = await _raw.Take(endpoint + "_skipped", 1);
        Assert.Equal((unknown.MessageId, "dead-letter"), (skipped[0].MessageId, skipped[0].Header("MT-Reason")));
        var parked = await _raw.Take(endpoint + "_error", wrong.Length + 1);
        Assert.Equal(
            wrong.Append(poison).Select(entry => entry.MessageId).Order(), parked.Select(one => one.MessageId).Order());
        Assert.All(parked, one => Assert.NotEmpty(one.Header("MT-Fault-Message")));
        // One of them is null, which is no message at all.
        Assert.Equal(wrong.Length - 1, parked.Count(one => one.Header("MT-Fault-Message").StartsWith("MSG001 #", StringComparison.Ordinal)));
        Assert.Single(parked, one => one.Header("MT-Fault-Message").StartsWith("MSG002 ", StringComparison.Ordinal));
        Assert.Equal(0, await _raw.Count(endpoint));
        Assert.InRange(_notebook.Tries(poison.MessageId) + _heard.Tries(poison.MessageId), 1, 7);
        Assert.Equal(connections, await Connections());
    }

    [Fact]
    public async Task One_poison_among_many_sends_the_others_neither_away_nor_twice_to_the_error_queue()
    {
        var good = Enumerable.Range(0, 50).Select(_ => NewId()).ToArray();
        await Send(Endpoints.Transitions, [.. good.Select(Good)]);
        await Eventually.True(() => good.All(_notebook.Has), "a sound bulk is taken");
        await Eventually.True(() => _notebook.Bulks.Contains(50), "in one call");

        var others = Enumerable.Range(0, 50).Select(_ => NewId()).ToArray();
        var poison = Entry(new { id = NewId(), word = "poison" });
        await Send(Endpoints.Transitions, [.. others.Select(Good), poison]);

        await Eventually.True(() => others.All(_notebook.Has), "the others are taken");
        var parked = Assert.Single(await _raw.Take(Endpoints.Transitions + "_error", 1));
        Assert.Equal(poison.MessageId, parked.MessageId);
        Assert.Contains("poison", parked.Header("MT-Fault-Message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_message_at_all_is_parked_and_the_next_one_arrives()
    {
        var connections = await Connections();
        string[] bodies = ["this is not JSON", "{", "", "[]", "null", """{"messageType":["urn:message:a2a:bulk"]}""",
            """{"messageType":["a2a:bulk"],"message":{"entries":null}}""", """{"messageType":["a2a:bulk"],"message":{"entries":[null,{}]}}"""];
        foreach (var body in bodies) { await _raw.Publish(Endpoints.Tasks, body); }

        await Eventually.Seen(
            async _ => await _raw.Count(Endpoints.Tasks + "_error") + await _raw.Count(Endpoints.Tasks + "_skipped"),
            parked => parked == bodies.Length, "all of them are parked");
        var id = NewId();
        await Send(Endpoints.Tasks, [Good(id), Good(NewId())]);
        await Eventually.True(() => Arrived(Endpoints.Tasks, id).Result, "the next one arrives");
        await _raw.Purge(Endpoints.Tasks + "_error", Endpoints.Tasks + "_skipped");
        Assert.Equal(connections, await Connections());
    }

    [Theory]
    [InlineData(60_000)]
    [InlineData(110_000)]
    [InlineData(126_000)]
    public async Task A_poison_message_whose_headers_nearly_fill_a_frame_is_parked_without_losing_the_connection(int length)
    {
        var connections = await Connections();
        var poison = NewId();
        var envelope = JsonSerializer.Serialize(new
        {
            messageId = poison,
            messageType = new[] { "a2a:test.ping" },
            message = new { id = NewId(), word = "poison " + new string('x', 1_000_000) },
        });

        await _raw.Publish(Endpoints.Tasks, envelope, new Dictionary<string, object?> { ["x-long"] = new string('h', length) });

        var parked = await _raw.Take(Endpoints.Tasks + "_error", 1);
        Assert.NotEmpty(parked[0].Header("MT-Fault-Message"));
        var id = NewId();
        await Send(Endpoints.Tasks, [Good(id), Good(NewId())]);
        await Eventually.True(() => Arrived(Endpoints.Tasks, id).Result, "the next one arrives");
        Assert.Equal(connections, await Connections());
    }

    [Fact]
    public async Task What_one_commit_says_to_one_endpoint_leaves_as_one_message()
    {
        var deliveries = _heard.Deliveries;
        var ids = Enumerable.Range(0, 5).Select(_ => NewId()).ToArray();

        await _app.Services.GetRequiredService<ILane>().Send(
            [.. ids.Select(id => Outgoing.Command(Endpoints.Tasks, new Ping { Id = id, Word = "good" }, TimeProvider.System))], CancellationToken.None);

        await Eventually.True(() => ids.All(id => Arrived(Endpoints.Tasks, id).Result), "all arrive");
        await Eventually.True(() => _heard.Deliveries > deliveries, "the delivery is counted");
        Assert.Equal(1, _heard.Deliveries - deliveries);
    }

    private static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    private static BulkEntry Good(Guid id) => Entry(new { id, word = "good" });

    private static BulkEntry Entry<T>(T body) => new()
    {
        MessageId = NewId(),
        Urn = MessageUrn.ForTypeString<Ping>(),
        Body = JsonSerializer.SerializeToElement(body),
    };

    private async Task Send(string endpoint, IReadOnlyList<BulkEntry> entries)
    {
        var address = await _app.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(endpoint));
        await address.Send(new Bulk { Entries = entries });
    }

    private async Task<bool> Arrived(string endpoint, Guid id) => endpoint == Endpoints.Transitions
        ? _notebook.Has(id)
        : (await _app.Services.GetRequiredService<ISagaStore<PingSaga>>().Load(id, NewId(), starts: false, CancellationToken.None)).Saga?.Count == 1;

    private async Task<string> Connections() =>
        string.Join(' ', (await RabbitBroker.Control("list_connections", "vhost", "pid")).Split('\n')
            .Where(line => line.StartsWith(broker.VirtualHost + "\t", StringComparison.Ordinal)).Select(line => line.Split('\t')[1].Trim()).Order());
}

/// <summary>What a consumer of bulks was given.</summary>
public sealed class Notebook
{
    private readonly ConcurrentDictionary<Guid, int> _taken = new();
    private readonly ConcurrentDictionary<Guid, int> _tries = new();

    public ConcurrentBag<int> Bulks { get; } = [];

    public bool Has(Guid id) => _taken.ContainsKey(id);

    public int Tries(Guid messageId) => _tries.GetValueOrDefault(messageId);

    public void Take(Ping ping)
    {
        if (ping.Word.StartsWith("poison", StringComparison.Ordinal)) { throw new InvalidOperationException(ping.Word); }
        _ = _taken.AddOrUpdate(ping.Id, 1, (_, before) => before + 1);
    }

    public void Try(Guid messageId) => _tries.AddOrUpdate(messageId, 1, (_, before) => before + 1);
}

internal sealed class NoteModule(Notebook notebook) : IModule
{
    public string Name => "notes";

    public void AddServices(IServiceCollection services, HostSetup setup) => services.AddSingleton(notebook);

    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup) => bus.AddConsumer<NoteConsumer, Definition>();

    private sealed class NoteConsumer(Notebook notebook) : IBulkConsumer<Ping>
    {
        public Task Consume(ConsumeContext<Ping> context)
        {
            notebook.Try(context.MessageId!.Value);
            notebook.Take(context.Message);
            return Task.CompletedTask;
        }

        public Task Consume(IReadOnlyList<Received<Ping>> messages, CancellationToken cancellation)
        {
            foreach (var message in messages) { notebook.Take(message.Message); }
            notebook.Bulks.Add(messages.Count);
            return Task.CompletedTask;
        }
    }

    private sealed class Definition : ConsumerDefinition<NoteConsumer>
    {
        public Definition() => EndpointName = Endpoints.Transitions;

        protected override void ConfigureConsumer(
            IReceiveEndpointConfigurator endpoint, IConsumerConfigurator<NoteConsumer> consumer, IRegistrationContext context)
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.TakeBulkAtOnce<NoteConsumer, Ping>(context);
        }
    }
}
