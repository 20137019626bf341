using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace A2A.Micro.AgentSdk.Tests;

public sealed class BusTests
{
    private readonly ConcurrentQueue<object> heard = [];

    [Fact]
    public async Task A_host_of_agents_needs_no_database()
    {
        await using var app = MicroHost.Build(["--RabbitMq:Host=127.0.0.1"], TransportKind.RabbitMq, StoreKind.Postgres, [Agent("one")]);

        _ = Assert.Throws<StartupRefusedException>(() => MicroHost.Build(
            ["--RabbitMq:Host=127.0.0.1"], TransportKind.RabbitMq, StoreKind.Postgres, [Agent("one"), new Keeper()]));
    }

    [Fact]
    public async Task Two_agents_in_one_host_get_their_own_offers_over_a_real_bus()
    {
        using var host = Host(Agent("one"), Agent("two"));
        await host.StartAsync();
        _ = await Heard<AnnounceAgent>(message => message.AgentId == "one");
        _ = await Heard<AnnounceAgent>(message => message.AgentId == "two");

        var target = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Agent("two")));
        await target.Send(Offer("task-1"));

        var result = await Heard<TaskResult>(_ => true);
        Assert.Equal(("two", 3, "bus"), (result.ExecutorAgentId, result.Attempt, result.Result!.Value.GetProperty("text").GetString()));
        Assert.Equal("two", (await Heard<TaskAccepted>(_ => true)).AgentId);
        Assert.Equal(0.5, (await Heard<TaskStatusUpdate>(_ => true)).Progress);

        // What is on its way when the in-memory bus stops is not delivered any more: look at what was sent.
        var sent = new Sent();
        _ = host.Services.GetRequiredService<IBus>().ConnectSendObserver(sent);
        await host.StopAsync();
        Assert.Equal(["one", "two"], sent.Messages.OfType<AgentDraining>().Select(message => message.AgentId).Order());
        Assert.Equal(["one", "two"], sent.Messages.OfType<AgentLeft>().Select(message => message.AgentId).Order());
        Assert.Single(heard.OfType<TaskAccepted>());
    }

    [Fact]
    public async Task Offers_in_company_are_taken_like_offers_alone_and_each_in_its_own_trace()
    {
        var traces = new ConcurrentDictionary<string, string>();
        using var host = Host(new AgentModule("two", agent => agent.Slots(3).Handle<Job, Answer>("test.work", (job, context) =>
        {
            traces[context.TaskId] = Activity.Current!.TraceId.ToHexString();
            return Task.FromResult(new Answer(job.Name));
        })));
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.StartsWith("A2A.", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
        };
        ActivitySource.AddActivityListener(listener);
        await host.StartAsync();
        Assert.True((await Heard<AnnounceAgent>(_ => true)).TakesBulk);

        BulkEntry Entry(string trace, object body) => new()
        {
            MessageId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            Urn = MessageUrn.ForTypeString<OfferTask>(),
            Body = JsonSerializer.SerializeToElement(body, WireJson.Options),
            TraceParent = $"00-{trace}-00f067aa0ba902b7-01",
        };
        string[] ids = [new('1', 32), new('2', 32), new('3', 32)];
        var target = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Agent("two")));
        // The one in the middle cannot be read: it is parked, and hinders nobody.
        await target.Send(new Bulk { Entries = [Entry(ids[0], Offer(ids[0])), Entry(ids[2], new { }), Entry(ids[1], Offer(ids[1]))] });

        foreach (var id in ids[..2])
        {
            _ = await Heard<TaskResult>(result => result.TaskId == id);
            Assert.Equal(id, traces[id]);
        }

        await host.StopAsync();
    }

    private static OfferTask Offer(string taskId) => new()
    {
        TaskId = taskId,
        Attempt = 3,
        AgentId = "two",
        TaskType = "test.work",
        Parameters = JsonSerializer.SerializeToElement(new { name = "bus" }),
        OfferedUntil = TimeProvider.System.GetUtcNow().AddMinutes(1),
    };

    private static AgentModule Agent(string id) => new(id, agent => agent.Slots(1).Handle<Job, Answer>(
        "test.work", (job, context) =>
        {
            context.Progress(0.5, "half");
            return Task.FromResult(new Answer(job.Name));
        }));

    private IHost Host(params IModule[] modules)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Configuration["Agent:AcceptWithin"] = "00:00:00";
        var setup = new HostSetup(TransportKind.InMemory, StoreKind.InMemory, builder.Configuration);
        foreach (var module in modules) { module.AddServices(builder.Services, setup); }
        _ = builder.Services.AddMassTransit(bus => bus.UsingInMemory((context, cfg) =>
        {
            cfg.ConfigureJsonSerializerOptions(WireJson.ApplyInsideEnvelope);
            foreach (var name in (string[])[Endpoints.Tasks, Endpoints.Status, Endpoints.Agents])
            {
                cfg.ReceiveEndpoint(name, endpoint =>
                {
                    endpoint.ConfigureConsumeTopology = false;
                    Listen<TaskAccepted>(endpoint);
                    Listen<TaskResult>(endpoint);
                    Listen<TaskStatusUpdate>(endpoint);
                    Listen<AnnounceAgent>(endpoint);
                    Listen<AgentDraining>(endpoint);
                    Listen<AgentLeft>(endpoint);
                });
            }

            foreach (var module in modules) { module.AddEndpoints(cfg, context); }
        }));
        return builder.Build();
    }

    private sealed class Sent : ISendObserver
    {
        public ConcurrentQueue<object> Messages { get; } = [];

        public Task PreSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

        public Task PostSend<T>(SendContext<T> context) where T : class
        {
            Messages.Enqueue(context.Message);
            return Task.CompletedTask;
        }

        public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;
    }

    private void Listen<T>(IReceiveEndpointConfigurator endpoint) where T : class => endpoint.Handler<T>(context =>
    {
        heard.Enqueue(context.Message);
        return Task.CompletedTask;
    });

    private async Task<T> Heard<T>(Func<T, bool> which) where T : class => (await Eventually.Seen(
        _ => Task.FromResult(heard.OfType<T>().FirstOrDefault(which)), seen => seen is not null, typeof(T).Name,
        _ => string.Join(", ", heard)))!;

    private sealed class Keeper : IModule
    {
        public string Name => "keeper";

        public void AddServices(IServiceCollection services, HostSetup setup)
        {
            // it never comes to this
        }

        public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
        {
            // nor to this
        }
    }
}
