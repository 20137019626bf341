using System.Collections.Concurrent;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>The whole module in a host, with a Scheduler and agents that only listen; on both stores.</summary>
public sealed partial class ModuleTests(LedgerDatabase database) : IClassFixture<LedgerDatabase>
{
    [Theory]
    [InlineData(StoreKind.InMemory)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_waiting_claim_gets_the_room_of_the_one_before_and_loses_it_with_its_agent(StoreKind stores)
    {
        await using var host = await Running.Start(stores, database.Server.ConnectionString);
        await host.Send(Endpoints.Agents, Announcement("worker-1", incarnation: 1));
        await host.Send(Endpoints.Allocations, Allocate("one"));
        await host.Hears<ResourcesAllocated>(said => said.TaskId == "one" && said.AgentId == "worker-1");
        await host.Send(Endpoints.Allocations, Allocate("two"));
        await host.Send(Endpoints.Allocations, Allocate("huge", memoryGb: 64));
        var denied = await host.Hears<ResourcesDenied>(said => said.TaskId == "huge");
        Assert.Equal("memory_gb 64 > 0, the largest of 1 agent that handles data.analysis", denied.Reason);

        await host.Send(Endpoints.Allocations, new ReleaseResources { TaskId = "one", Attempt = 1 });
        await host.Hears<ResourcesAllocated>(said => said.TaskId == "two");
        await host.Send(Endpoints.Agents, Announcement("worker-1", incarnation: 2));
        var revoked = await host.Hears<ResourcesRevoked>(said => said.TaskId == "two");

        Assert.Equal("AGENT_RESTARTED", revoked.Code);
        var agents = await host.Ask<ListAgents, AgentList>(new ListAgents());
        Assert.Equal(("online", 0), agents.Agents
            .Where(agent => agent.AgentId == "worker-1").Select(agent => (agent.State, agent.Used.Slots)).Single());
    }

    [Theory]
    [InlineData(StoreKind.InMemory)]
    [InlineData(StoreKind.Postgres)]
    public async Task Who_waits_is_told_when_the_reason_changes_and_can_be_asked_about(StoreKind stores)
    {
        await using var host = await Running.Start(stores, database.Server.ConnectionString, ("SweepInterval", "00:00:00.050"));
        var (first, second) = ("first-" + stores, "second-" + stores);
        await host.Send(Endpoints.Allocations, Allocate(first) with { TaskType = "told." + stores });
        _ = await host.Hears<ResourcesWaiting>(said => said.TaskId == first && said.Code == "NO_AGENT_FOR_TYPE");
        await host.Send(Endpoints.Allocations, Allocate(second) with { TaskType = "told." + stores });
        _ = await host.Hears<ResourcesWaiting>(said => said.TaskId == second && said.Code == "NO_AGENT_FOR_TYPE");

        await host.Send(Endpoints.Agents, Announcement("teller-" + stores, incarnation: 1) with
        {
            Capabilities = [new AgentCapability { TaskType = "told.*" }],
        });
        var told = await host.Hears<ResourcesWaiting>(said => said.Code == "AGENT_CAPACITY");
        var waits = told.TaskId;
        var why = (await host.Ask<ExplainWait, WaitExplained>(new ExplainWait
        {
            TaskId = waits,
            RunTimes = [new TypeRunTime { TaskType = "told." + stores, P05S = 1, P50S = 2, P95S = 3 }],
        }, Endpoints.Resources)).Explanation;
        var line = await host.Ask<ReadLine, WaitingPage>(new ReadLine(), Endpoints.Resources);
        var matrix = await host.Ask<ListResources, ResourceList>(new ListResources(), Endpoints.Resources);

        Assert.Equal("AGENT_CAPACITY", why!.Reasons[0].Code);
        Assert.NotNull(why.EstimatedStart);
        Assert.Contains(waits, line.Entries.Select(entry => entry.TaskId));
        var held = Assert.Single(matrix.Agents, agent => agent.AgentId == "teller-" + stores).Holders;
        Assert.Equal(waits == first ? second : first, Assert.Single(held).TaskId);
        Assert.Null((await host.Ask<ExplainWait, WaitExplained>(new ExplainWait { TaskId = "nobody" }, Endpoints.Resources)).Explanation);
    }

    [Theory]
    [InlineData(StoreKind.InMemory)]
    [InlineData(StoreKind.Postgres)]
    public async Task Room_of_a_task_that_has_ended_is_taken_back_and_that_of_others_is_not(StoreKind stores)
    {
        await using var host = await Running.Start(stores, database.Server.ConnectionString, ("ReconcileInterval", "00:00:00.050"));
        var (agent, ended, runs) = ("stray-" + stores, "ended-" + stores, "runs-" + stores);
        await host.Send(Endpoints.Agents, Announcement(agent, incarnation: 1) with
        {
            Capabilities = [new AgentCapability { TaskType = "stray.*" }],
            Capacity = new AgentCapacity { Slots = 2 },
        });
        foreach (var task in new[] { runs, ended })
        {
            await host.Send(Endpoints.Allocations, Allocate(task) with { TaskType = "stray." + stores });
            _ = await host.Hears<ResourcesAllocated>(said => said.TaskId == task);
        }

        host.Knows(new TaskAttempt { TaskId = runs, State = TaskState.Running, Attempt = 1 });
        host.Knows(new TaskAttempt { TaskId = ended, State = TaskState.Completed, Attempt = 1 });
        await host.Send(Endpoints.Allocations, Allocate("next-" + stores) with { TaskType = "stray." + stores });

        _ = await host.Hears<ResourcesAllocated>(said => said.TaskId == "next-" + stores);
        var matrix = await host.Ask<ListResources, ResourceList>(new ListResources(), Endpoints.Resources);
        Assert.Equal([runs, "next-" + stores],
            Assert.Single(matrix.Agents, one => one.AgentId == agent).Holders.Select(holder => holder.TaskId));
    }

    [Theory]
    [InlineData(StoreKind.InMemory)]
    [InlineData(StoreKind.Postgres)]
    public async Task What_an_agent_says_that_it_does_is_compared_with_what_it_holds(StoreKind stores)
    {
        await using var host = await Running.Start(stores, database.Server.ConnectionString,
            ("ReconcileInterval", "00:00:00.050"), ("ReportGrace", "00:00:00.050"));
        var (forgotten, runs) = ("forgotten-" + stores, "kept-" + stores);
        await host.Send(Endpoints.Agents, Announcement("talker", incarnation: 9) with
        {
            Capabilities = [new AgentCapability { TaskType = "said.*" }],
            Capacity = new AgentCapacity { Slots = 2 },
        });
        foreach (var task in new[] { forgotten, runs })
        {
            await host.Send(Endpoints.Allocations, Allocate(task) with { TaskType = "said." + stores });
            _ = await host.Hears<ResourcesAllocated>(said => said.TaskId == task);
            host.Knows(new TaskAttempt { TaskId = task, State = TaskState.Running, Attempt = 1 });
        }

        await host.HearsWhile<ResourcesRevoked>(() => Beat(runs, "stranger"), said => said.TaskId == forgotten && said.Code == "AGENT_FORGOT");
        await host.HearsWhile<TaskWithdrawn>(() => Beat(runs, "stranger"), said => said.TaskId == "stranger");

        var matrix = await host.Ask<ListResources, ResourceList>(new ListResources(), Endpoints.Resources);
        Assert.Equal(runs, Assert.Single(Assert.Single(matrix.Agents, agent => agent.AgentId == "talker").Holders).TaskId);

        Task Beat(params string[] tasks) => host.Send(Endpoints.Agents, new AgentHeartbeat
        {
            AgentId = "talker",
            Incarnation = 9,
            Running = [.. tasks.Select(task => new RunningAttempt { TaskId = task, Attempt = 1 })],
        });
    }

    [Fact]
    public async Task A_silent_agent_is_reaped_and_its_heartbeat_is_answered_with_unknown()
    {
        await using var host = await Running.Start(StoreKind.InMemory, "", ("Lease", "00:00:00.300"),
            ("SweepInterval", "00:00:00.050"));
        await host.Send(Endpoints.Agents, Announcement("worker-1", incarnation: 1));
        await host.Send(Endpoints.Allocations, Allocate("one"));

        var revoked = await host.Hears<ResourcesRevoked>(said => said.TaskId == "one");
        await host.Send(Endpoints.Agents, new AgentHeartbeat { AgentId = "worker-1", Incarnation = 1 });

        Assert.Equal("AGENT_SILENT", revoked.Code);
        _ = await host.Hears<AgentUnknown>(said => said.AgentId == "worker-1");
    }

    [Theory]
    [InlineData("Lease", "00:00:00")]
    [InlineData("SweepInterval", "00:01:00")]
    public async Task A_bad_option_refuses_to_start_and_names_its_variable(string option, string value)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => Running.Start(StoreKind.InMemory, "",
            (option, value)));

        Assert.Contains("A2A__ResourceManager__" + option, refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_announcement_that_breaks_a_rule_is_refused_with_every_broken_field()
    {
        var refused = Assert.Throws<Contracts.Errors.ProtocolException>(() => Agents.Announcements.Read(
            new AnnounceAgent
            {
                AgentId = "no spaces",
                Incarnation = 1,
                Capabilities = [new AgentCapability { TaskType = "data..x" }],
                Capacity = new AgentCapacity { Slots = 10_001, CpuCores = double.NaN },
            }));

        Assert.Equal(["#/agent_id", "#/capabilities/0/task_type", "#/capacity/slots", "#/capacity/cpu_cores"],
            refused.Errors.Select(error => error.Pointer));
    }

    private static AnnounceAgent Announcement(string id, long incarnation) => new()
    {
        AgentId = id,
        Incarnation = incarnation,
        Capabilities = [new AgentCapability { TaskType = "data.*" }],
        Capacity = new AgentCapacity { Slots = 1 },
    };

    private static AllocateResources Allocate(string task, double memoryGb = 0) => new()
    {
        TaskId = task,
        Attempt = 1,
        TaskType = "data.analysis",
        Requirements = new Requirements { MemoryGb = memoryGb },
        Priority = 2,
        EnqueuedAt = Claims.Noon,
    };

    private sealed class Running(WebApplication app, Listener listener) : IAsyncDisposable
    {
        public static async Task<Running> Start(StoreKind stores, string connection,
            params (string Name, string Value)[] options)
        {
            var listener = new Listener();
            string[] args =
            [
                "--urls=http://127.0.0.1:0", "--ConnectionStrings:Postgres=" + connection,
                .. options.Select(option => $"--{ResourceManagerOptions.Section}:{option.Name}={option.Value}"),
            ];
            var app = MicroHost.Build(args, TransportKind.InMemory, stores, [new ResourceManagerModule(), listener]);
            await app.StartAsync();
            return new Running(app, listener);
        }

        public async Task Send<T>(string endpoint, T message) where T : class
        {
            var target = await app.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(endpoint));
            await target.Send(message);
        }

        public async Task<TAnswer> Ask<TQuestion, TAnswer>(TQuestion question, string endpoint = Endpoints.Agents) where TQuestion : class where TAnswer
            : class
        {
            var bus = app.Services.GetRequiredService<IBus>();
            var client = bus.CreateRequestClient<TQuestion>(Endpoints.Address(endpoint));
            return (await client.GetResponse<TAnswer>(question)).Message;
        }

        public void Knows(TaskAttempt task) => listener.Known[task.TaskId] = task;

        public async Task<T> Hears<T>(Func<T, bool> which) where T : class
        {
            T? Find() => listener.Heard.OfType<T>().FirstOrDefault(which);
            await Eventually.True(() => Find() is not null, typeof(T).Name,
                () => "heard " + string.Join("; ", listener.Heard.Select(heard => heard.ToString())));
            return Find()!;
        }

        // Says something again and again until it hears the answer.
        public Task HearsWhile<T>(Func<Task> say, Func<T, bool> which) where T : class => Eventually.True(() =>
        {
            _ = say();
            return listener.Heard.OfType<T>().Any(which);
        }, typeof(T).Name);

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    private sealed class Listener : IModule
    {
        public ConcurrentQueue<object> Heard { get; } = new();

        public ConcurrentDictionary<string, TaskAttempt> Known { get; } = new();

        public string Name => "listener";

        public void AddServices(IServiceCollection services, HostSetup setup)
        {
        }

        public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
        {
        }

        public void AddEndpoints(IBusFactoryConfigurator bus, IBusRegistrationContext context)
        {
            bus.ReceiveEndpoint(Endpoints.Tasks, endpoint =>
            {
                endpoint.Handler<ResourcesAllocated>(Keep);
                endpoint.Handler<ResourcesDenied>(Keep);
                endpoint.Handler<ResourcesWaiting>(Keep);
                endpoint.Handler<ResourcesRevoked>(Keep);
            });
            bus.ReceiveEndpoint(Endpoints.States, endpoint => endpoint.Handler<ListAttempts>(question => question.RespondAsync(
                new AttemptList { Tasks = [.. question.Message.TaskIds.Where(Known.ContainsKey).Select(task => Known[task])] })));
            bus.ReceiveEndpoint(Endpoints.AgentControl("worker-1"), endpoint => endpoint.Handler<AgentUnknown>(Keep));
            bus.ReceiveEndpoint(Endpoints.AgentControl("talker"), endpoint => endpoint.Handler<TaskWithdrawn>(Keep));
        }

        private Task Keep<T>(ConsumeContext<T> context) where T : class
        {
            Heard.Enqueue(context.Message);
            return System.Threading.Tasks.Task.CompletedTask;
        }
    }
}
