using System.Collections.Concurrent;
using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync.Events;
using A2A.Micro.StateSync.States;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

namespace A2A.Micro.StateSync.Tests;

/// <summary>Requirement 32: events for others, on a topic of their own, and nothing for nobody.</summary>
[Trait("Requirement", "31")]
[Trait("Requirement", "32")]
public sealed class EventTests : IAsyncLifetime
{
    // Of its own for each test: a queue that one of them leaves behind is a listener to the next.
    private readonly RabbitBroker _broker = new();

    public Task InitializeAsync() => _broker.InitializeAsync();

    public Task DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task A_plain_amqp_client_gets_one_event_per_version_from_the_default_topic()
    {
        await using var host = await Start();
        await using var channel = await Subscribe("task.events.default", "plain");
        await Send(host, new Life("plain").Submit(requester: "billing").Queue());

        var events = new List<JsonElement> { await Take(channel, "plain"), await Take(channel, "plain") };
        var ordered = events.Select(body => body.GetProperty("message")).OrderBy(one => one.GetProperty("data").GetProperty("version").GetInt64()).ToList();
        Assert.Equal(["a2a.task.submitted.v1", "a2a.task.queued.v1"], ordered.Select(one => one.GetProperty("type").GetString()));
        Assert.All(events, body => Assert.Equal("a2a:task.events.default", body.GetProperty("messageType")[0].GetString()));
        var first = ordered[0];
        Assert.Equal(("1.0", "/a2a", "plain", "application/json", TaskEvents.IdOf("plain", 1)),
            (first.GetProperty("specversion").GetString(), first.GetProperty("source").GetString(), first.GetProperty("subject").GetString(),
                first.GetProperty("datacontenttype").GetString(), first.GetProperty("id").GetString()));
        Assert.Equal(("billing", "data.analysis", "submitted"),
            (first.GetProperty("data").GetProperty("requester_agent_id").GetString(), first.GetProperty("data").GetProperty("task_type").GetString(),
                first.GetProperty("data").GetProperty("state").GetString()));
    }

    [Fact]
    public async Task A_MassTransit_consumer_subscribes_by_the_type_of_the_event()
    {
        var listener = new Listener();
        await using var host = await Start([listener]);
        await Send(host, new Life("typed").Submit().Queue());

        await Eventually.True(() => listener.All.Count(one => one.Subject == "typed") == 2, "both versions are heard");
        Assert.Equal([TaskState.Submitted, TaskState.Queued],
            listener.All.Where(one => one.Subject == "typed").OrderBy(one => one.Data.Version).Select(one => one.Data.State));
    }

    [Fact]
    public async Task An_event_that_is_mapped_goes_to_its_own_topic_and_every_other_one_to_the_default()
    {
        await using var host = await Start([], "--A2A:Events:Topics:0:Event=task.queued", "--A2A:Events:Topics:0:Topic=lines.queued");
        await using var mapped = await Subscribe("lines.queued", "mapped");
        await using var unmapped = await Subscribe("task.events.default", "unmapped");
        await Send(host, new Life("mapped").Submit().Queue().Offer("agent-1"));

        Assert.Equal("a2a.task.queued.v1", (await Take(mapped, "mapped")).GetProperty("message").GetProperty("type").GetString());
        string?[] others = [
            (await Take(unmapped, "unmapped")).GetProperty("message").GetProperty("type").GetString(),
            (await Take(unmapped, "unmapped")).GetProperty("message").GetProperty("type").GetString(),
        ];
        Assert.Equal(["a2a.task.offered.v1", "a2a.task.submitted.v1"], others.Order());
    }

    [Fact]
    public async Task While_nobody_listens_nothing_is_said_until_somebody_says_that_they_listen()
    {
        // A clock that stands still: whoever was left alone once is left alone for ever.
        await using var host = await Start(clock: new ManualClock());
        var events = host.Services.GetRequiredService<EventPublisher>();
        await Send(host, new Life("unheard").Submit());
        await Eventually.True(() => !events.MayBeHeard, "it was found that nobody listens");

        await using var channel = await Subscribe("task.events.default", "late");
        await host.Services.GetRequiredService<IBus>().Publish(new TaskEventsWanted { Queue = "late" });
        await Eventually.True(() => events.MayBeHeard, "it is told otherwise");
        await Send(host, new Life("heard").Submit());

        Assert.Equal("heard", (await Take(channel, "late")).GetProperty("message").GetProperty("subject").GetString());
        Assert.True(events.MayBeHeard);
    }

    [Fact]
    public async Task After_a_second_without_listeners_the_next_event_looks_again()
    {
        var clock = new ManualClock();
        await using var host = await Start(clock: clock);
        var events = host.Services.GetRequiredService<EventPublisher>();
        await Send(host, new Life("nobody").Submit());
        await Eventually.True(() => !events.MayBeHeard, "it was found that nobody listens");

        clock.Advance(EventPublisher.Quiet);

        Assert.True(events.MayBeHeard);
    }

    [Fact]
    public async Task A_redelivery_says_its_events_again_under_the_same_ids()
    {
        await using var host = await Start();
        await using var channel = await Subscribe("task.events.default", "again");
        var life = Life.Running("again").Report(0.5, "half");
        await Send(host, life);
        var said = new HashSet<string?>();
        for (var i = 0; i < 5; i++) { said.Add((await Take(channel, "again")).GetProperty("message").GetProperty("id").GetString()); }
        Assert.Equal(5, said.Count);

        await Send(host, life.Inputs.Skip(3));

        string?[] repeated = [
            (await Take(channel, "again")).GetProperty("message").GetProperty("id").GetString(),
            (await Take(channel, "again")).GetProperty("message").GetProperty("id").GetString(),
        ];
        Assert.Equal([TaskEvents.IdOf("again", 4), TaskEvents.IdOf("again", 5)], repeated.OrderBy(id => id == TaskEvents.IdOf("again", 5)));
    }

    [Fact]
    public async Task Inside_one_process_events_are_made_only_while_somebody_here_listens()
    {
        var listener = new Listener();
        var app = MicroHost.Build(["--urls=http://127.0.0.1:0"], TransportKind.InMemory, Persistence.StoreKind.InMemory, [new StateSyncModule(), listener]);
        await using var host = app;
        await host.StartAsync();
        await Send(host, new Life("before").Submit());
        await Eventually.True(() => listener.Received == 1, "the step is dealt with");

        host.Services.GetRequiredService<EventAudience>().IsHere = true;
        await Send(host, new Life("after").Submit());

        await Eventually.True(() => !listener.All.IsEmpty, "an event");
        Assert.Equal(["after"], listener.All.Select(one => one.Subject));
        await host.StopAsync();
    }

    [Fact]
    public void A_partial_result_is_in_its_event_only_while_it_is_small()
    {
        var (record, _, changes) = Play(Life.Running("big").Part(0.5, """{"rows":1.0}""").Part(0.6, $$"""{"rows":"{{new string('x', 9000)}}"}"""));
        var (small, large) = (TaskEvents.Of(changes[^2], record), TaskEvents.Of(changes[^1], record));
        Assert.Equal(("a2a.task.partial.v1", """{"rows":1.0}"""), (small.Type, small.Data.Data?.GetRawText()));
        Assert.Equal((null, 0.6), (large.Data.Data, large.Data.CompletedPortion));
    }

    private static (TaskDocument Document, TaskRecord Record, IReadOnlyList<TaskChange> Changes) Play(Life life)
    {
        var (record, changes) = (TaskRecord.Empty, new List<TaskChange>());
        foreach (var outcome in life.Inputs.Select(input => StateRules.Apply(record, input, Life.Noon)))
        {
            record = outcome.Record;
            changes.AddRange(outcome.Changes.Select(change => change.Change));
        }

        return (record.Document!, record, changes);
    }

    private async Task<WebApplication> Start(IModule[]? more = null, params string[] settings) => await Start(more, null, settings);

    private Task<WebApplication> Start(TimeProvider clock) => Start([], clock);

    private async Task<WebApplication> Start(IModule[]? more, TimeProvider? clock, params string[] settings)
    {
        string[] args =
        [
            "--urls=http://127.0.0.1:0", "--Security:Mode=open", "--environment=Test", "--Logging:LogLevel:Default=None", .. settings,
            .. _broker.Settings.Select(pair => $"--{pair.Key.Replace("__", ":", StringComparison.Ordinal)}={pair.Value}"),
        ];
        IModule[] modules = clock is null ? [new StateSyncModule(), .. more ?? []] : [new StateSyncModule(), new Clocked(clock), .. more ?? []];
        var host = MicroHost.Build(args, TransportKind.RabbitMq, Persistence.StoreKind.InMemory, modules);
        await host.StartAsync();
        await Eventually.True(
            () => host.Services.GetRequiredService<IBusControl>().CheckHealth().Status == BusHealthStatus.Healthy, "the bus is up");
        return host;
    }

    private static Task Send(WebApplication host, Life life) => Send(host, life.Inputs);

    private static async Task Send(WebApplication host, IEnumerable<StateInput> inputs)
    {
        var bus = host.Services.GetRequiredService<IBus>();
        foreach (var input in inputs)
        {
            var status = input is StateInput.Status;
            var address = await bus.GetSendEndpoint(Endpoints.Address(status ? Endpoints.Status : Endpoints.Transitions));
            object message = input is StateInput.Status report ? report.Message : ((StateInput.Transition)input).Message;
            await address.Send(message, message.GetType());
        }
    }

    private async Task<IChannel> Subscribe(string topic, string queue)
    {
        var connection = await new ConnectionFactory { Uri = _broker.Address }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync(topic, "fanout", durable: true);
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(queue, topic, "");
        return channel;
    }

    private static async Task<JsonElement> Take(IChannel channel, string queue)
    {
        var got = await Eventually.Seen(cancel => channel.BasicGetAsync(queue, autoAck: true, cancel), message => message is not null, "an event");
        return JsonElement.Parse(got!.Body.Span);
    }

    internal sealed class Clocked(TimeProvider clock) : IModule
    {
        public string Name => "clock";

        public bool KeepsFacts => false;

        public void AddServices(IServiceCollection services, HostSetup setup) => services.AddSingleton(clock);

        public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
        {
        }

        public void MapEndpoints(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder routes)
        {
        }
    }

    private sealed class Listener : IModule, IReceiveObserver
    {
        private int _received;

        public ConcurrentBag<TaskEvent> All { get; } = [];

        public int Received => Volatile.Read(ref _received);

        public string Name => "listener";

        public void AddServices(IServiceCollection services, HostSetup setup)
        {
        }

        public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup) => bus.AddReceiveObserver(_ => this);

        public void AddEndpoints(IBusFactoryConfigurator bus, IBusRegistrationContext context) =>
            bus.ReceiveEndpoint($"listener-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):n}", endpoint => endpoint.Handler<TaskEvent>(message =>
            {
                All.Add(message.Message);
                return Task.CompletedTask;
            }));

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostReceive(ReceiveContext context)
        {
            _ = Interlocked.Increment(ref _received);
            return Task.CompletedTask;
        }

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class =>
            Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;

        public void MapEndpoints(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder routes)
        {
        }
    }
}
