using System.Collections.Concurrent;
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
        await target.Send(new OfferTask
        {
            TaskId = "task-1",
            Attempt = 3,
            AgentId = "two",
            TaskType = "test.work",
            Parameters = System.Text.Json.JsonSerializer.SerializeToElement(new { name = "bus" }),
            OfferedUntil = TimeProvider.System.GetUtcNow().AddMinutes(1),
        });

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
