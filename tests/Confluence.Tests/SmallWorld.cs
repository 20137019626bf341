using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using A2A.Micro.AgentSdk;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.Standalone;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Confluence.Tests;

/// <summary>The whole system and one agent in this process; a run of it with or without treachery on its lanes.</summary>
internal sealed class SmallWorld : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string TaskId, int Attempt), int> executions = new();
    private readonly WebApplication app;
    private HttpClient? http;

    private SmallWorld(Chaos? chaos, string? database, IModule[] more) => app = MicroHost.Build(
        [
            "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=Error", "--A2A:Scheduler:InitialBackoff=00:00:00.200",
            "--A2A:Timers:SweepInterval=00:00:00.050", "--A2A:Gateway:EstimatesFor=00:00:00.050",
            .. database is null ? Array.Empty<string>() : ["--ConnectionStrings:Postgres=" + database],
        ],
        TransportKind.InMemory, database is null ? StoreKind.InMemory : StoreKind.Postgres,
        [.. EmbeddedSystem.Services(), new AgentModule("worker", agent => agent.Slots(4).Capacity(4, 4).Handle<Work, Done>("test.work", Carry)),
            .. Team.Select(id => new AgentModule(id, agent => agent.Slots(4).Capacity(4, 4).Handle<Work, Done>("test.team", (work, context) =>
                work.Mode == "picky" && id == Team[1] ? throw new TaskFailedException("PICKY", "not for me", retryable: false) : Carry(work, context)))),
            new LaneModule(chaos, Parked), .. more]);

    /// <summary>Agents that do the work which is given to several; the second refuses what is for the picky.</summary>
    public static IReadOnlyList<string> Team { get; } = ["ada", "bob", "cyd"];

    /// <summary>Attempts that were carried out more than once.</summary>
    public IReadOnlyList<string> Repeated => [.. executions.Where(one => one.Value > 1).Select(one => one.Key.ToString())];

    /// <summary>What failed after all its retries.</summary>
    public ConcurrentQueue<string> Parked { get; } = new();

    public HttpClient Http => http!;

    /// <summary>Waits until the lanes hold nothing back any more.</summary>
    public Task Settled() => Eventually.True(
        () => app.Services.GetRequiredService<ILane>() is not TreacherousLane { IsEmpty: false }, "everything is delivered", within: TimeSpan.FromSeconds(60));

    /// <summary>Starts it, with more agents of the test's own; the stores are in memory when no database is given.</summary>
    public static async Task<SmallWorld> Start(Chaos? chaos, string? database, params IModule[] more)
    {
        var world = new SmallWorld(chaos, database, more);
        await world.app.StartAsync();
        world.http = new HttpClient { BaseAddress = new Uri(world.app.Urls.First()) };
        _ = await Eventually.Seen(
            cancel => world.Get("/v1/agents", cancel),
            list => list.GetProperty("agents").EnumerateArray().Count(agent => agent.GetProperty("state").GetString() == "online")
                == Team.Count + 1 + more.Length,
            "the agents are online", list => list.ToString());
        return world;
    }

    /// <summary>What a client of the bus does.</summary>
    public Task Publish(object message) => app.Services.GetRequiredService<IBus>().Publish(message, message.GetType());

    public async Task<JsonElement> Get(string path, CancellationToken cancel)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, path);
        ask.Headers.Accept.ParseAdd("application/json");
        using var answer = await Http.SendAsync(ask, cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        http?.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task<Done> Carry(Work work, TaskContext context)
    {
        _ = executions.AddOrUpdate((context.TaskId, context.Attempt), 1, (_, before) => before + 1);
        switch (work.Mode)
        {
            case "report":
                context.Progress(0.3, "on its way");
                await context.Partial(new { half = true }, 0.5, "half");
                break;
            case "again" when context.Attempt == 1:
                throw new TaskFailedException("NOT_YET", "the next attempt succeeds", retryable: true);
            case "fail":
                throw new TaskFailedException("NEVER", "no attempt succeeds", retryable: false);
            case "wait":
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
                break;
            case "ask":
                _ = await context.Ask<string>("name", "What is it called?");
                break;
            default:
                break;
        }

        return new Done(context.TaskId, context.Attempt);
    }

    private sealed record Work(string Mode);

    private sealed record Done(string TaskId, int Attempt);

    private sealed class LaneModule(Chaos? chaos, ConcurrentQueue<string> parked) : IModule, IReceiveObserver
    {
        public string Name => "lane";

        public bool KeepsFacts => false;

        public void AddServices(IServiceCollection services, HostSetup setup)
        {
        }

        // After the lane of the host: the last one counts.
        public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
        {
            _ = bus.AddReceiveObserver(_ => this);
            if (chaos is not null) { _ = bus.AddSingleton(chaos).AddSingleton<ILane, TreacherousLane>(); }
        }

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class =>
            Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception)
        {
            parked.Enqueue($"{context.InputAddress}: {exception.Message}");
            return Task.CompletedTask;
        }
    }
}
