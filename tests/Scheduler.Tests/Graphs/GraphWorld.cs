using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Scheduler.Groups;
using A2A.Micro.Scheduler.Tasks;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Scheduler.Tests.Graphs;

/// <summary>
/// The real Scheduler, and around it a world that plays everybody else. Every message, also of the Scheduler to itself, lies in one bag, is drawn at
/// random, and one in eight twice. The clock stands still: what gets lost is not asked for again.
/// </summary>
internal sealed class GraphWorld : ILane, IAsyncDisposable
{
    private const int AtOnce = 64;
    private static readonly string[] Agents = ["ada", "bob", "cyd"];

    private readonly Lock gate = new();
    private readonly List<Outgoing> bag = [];
    private readonly SemaphoreSlim filled = new(0);
    private readonly HashSet<Guid> said = [];
    private readonly Dictionary<(string TaskId, int Attempt), string> holders = [];
    private readonly Dictionary<string, int> setbacks = [];
    private readonly Dictionary<string, SortedDictionary<long, TaskTransitioned>> steps = [];
    private readonly HashSet<string> expected = [];
    private readonly HashSet<string> ended = [];
    private readonly Dictionary<string, (GraphPlan Plan, int Number, string? Agent)> known = [];
    private readonly ManualClock clock = new();
    private readonly Random chance;
    private readonly WebApplication app;

    public GraphWorld(IEnumerable<GraphPlan> plans, int seed)
    {
        chance = new Random(seed);
        app = MicroHost.Build(
            ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=Error"], TransportKind.InMemory, StoreKind.InMemory,
            [new SchedulerModule(), new Module(this)]);
        foreach (var plan in plans) { Know(plan); }
    }

    /// <summary>Tasks that were offered before all that they wait for had ended.</summary>
    public List<string> TooEarly { get; } = [];

    /// <summary>Draws until every task has ended.</summary>
    public async Task Run()
    {
        await app.StartAsync();
        var way = new DirectLane(app.Services.GetRequiredService<IBus>());
        while (true)
        {
            var drawn = Draw();
            if (drawn.Count > 0) { await way.Send(drawn, CancellationToken.None); }
            else if (HaveAllEnded()) { break; }
            else if (!await filled.WaitAsync(Eventually.Patience))
            {
                Assert.Fail("nobody says anything, and there are still " + string.Join(' ', Open().Take(20)));
            }
        }

        await app.StopAsync();
    }

    /// <summary>How it ended: its only terminal step.</summary>
    public TaskTransitioned End(string taskId) => Assert.Single(steps[taskId].Values, step => step.State.IsTerminal());

    /// <summary>Every task that there is, with the parts of groups.</summary>
    public IEnumerable<string> All => expected;

    /// <summary>The numbers of its steps.</summary>
    public IEnumerable<long> Steps(string taskId) => steps[taskId].Keys;

    /// <inheritdoc />
    public Task Send(IReadOnlyList<Outgoing> messages, CancellationToken cancellation)
    {
        lock (gate)
        {
            foreach (var message in messages) { Take(message); }
        }

        _ = filled.Release();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        filled.Dispose();
    }

    private void Know(GraphPlan plan)
    {
        foreach (var (number, task) in plan.Submissions().Index())
        {
            known[task.TaskId] = (plan, number, null);
            foreach (var agent in Agents) { known[GroupVerdicts.MemberId(task.TaskId, agent)] = (plan, number, agent); }
            Say(task);
        }
    }

    // What is said again, by whoever handles a message for the second time, goes on once.
    private void Take(Outgoing message)
    {
        var isNew = said.Add(message.Id);
        if (message.Destination == Endpoints.Address(Endpoints.Tasks))
        {
            if (message.Message is SubmitTask task) { _ = expected.Add(task.TaskId); }
            bag.Add(message);
            if (isNew && chance.Next(8) == 0) { bag.Add(message); }
        }
        else if (isNew) { React(message.Message); }
    }

    private void Say(object message) => Take(Outgoing.Command(Endpoints.Tasks, message, clock));

    private void React(object message)
    {
        switch (message)
        {
            case AllocateResources asked:
                Say(new ResourcesAllocated
                {
                    TaskId = asked.TaskId,
                    Attempt = asked.Attempt,
                    AgentId = asked.ResponderAgentId ?? Agents[asked.Attempt % Agents.Length],
                    Resources = [],
                });
                break;
            case FindAgents asked:
                Say(new AgentsFound { TaskId = asked.Room.TaskId, Attempt = asked.Room.Attempt, AgentIds = Agents });
                break;
            case OfferTask offer:
                Work(offer);
                break;
            case CancelTask { Attempt: { } attempt } cancel:
                Say(new ControlAcknowledged
                {
                    CommandId = cancel.CommandId,
                    Status = "applied",
                    TaskId = cancel.TaskId,
                    Attempt = attempt,
                    AgentId = holders[(cancel.TaskId, attempt)],
                });
                break;
            case TaskTransitioned step:
                Note(step);
                break;
            default:
                break;
        }
    }

    private void Note(TaskTransitioned step)
    {
        if (!steps.TryGetValue(step.TaskId, out var all)) { steps[step.TaskId] = all = []; }
        all[step.Sequence] = step;
        if (step.State.IsTerminal()) { _ = ended.Add(step.TaskId); }
        if (step.Sequence == 1 && WorkOf(step.TaskId) == Graphs.Work.IsCancelled)
        {
            Say(new CancelTask { TaskId = step.TaskId, CommandId = "cancel-" + step.TaskId });
        }

        if (step.Phase == TaskPhase.RetryWait) { Say(new TaskDue { SagaId = TaskKey.Of(step.TaskId), Now = clock.GetUtcNow().AddHours(1) }); }
    }

    private void Work(OfferTask offer)
    {
        holders[(offer.TaskId, offer.Attempt)] = offer.AgentId;
        var (plan, number, agent) = known[offer.TaskId];
        if (agent is null && plan.Nodes[number].Edges.Any(edge => !ended.Contains(plan.IdOf(edge.To)))) { TooEarly.Add(offer.TaskId); }
        Say(new TaskAccepted { TaskId = offer.TaskId, Attempt = offer.Attempt, AgentId = offer.AgentId });
        var setback = setbacks[offer.TaskId] = setbacks.GetValueOrDefault(offer.TaskId) + 1;
        switch (WorkOf(offer.TaskId))
        {
            case Graphs.Work.IsCancelled:
                break;
            case Graphs.Work.FailsOnce when setback == 1:
                Say(Result(offer, TaskState.Failed, retryable: true));
                break;
            case Graphs.Work.OutlivesTwoAgents when setback <= 2:
                Say(new ResourcesRevoked { TaskId = offer.TaskId, Attempt = offer.Attempt, AgentId = offer.AgentId, Code = "AGENT_SILENT" });
                break;
            case Graphs.Work.OutlivesTwoAgents:
                // What a dead agent had to say of an attempt that is over.
                Say(Result(offer with { Attempt = offer.Attempt - 1, AgentId = holders[(offer.TaskId, offer.Attempt - 1)] }, TaskState.Failed));
                Say(Result(offer, TaskState.Completed));
                break;
            case Graphs.Work.Fails:
                Say(Result(offer, TaskState.Failed));
                break;
            case Graphs.Work.Race or Graphs.Work.Quorum:
                Say(Result(offer, plan.Nodes[number].Agents[Array.IndexOf(Agents, agent)] ? TaskState.Completed : TaskState.Failed));
                break;
            default:
                Say(Result(offer, TaskState.Completed));
                break;
        }
    }

    private Work WorkOf(string taskId) => known[taskId] is var (plan, number, _) ? plan.Nodes[number].Work : default;

    private TaskResult Result(OfferTask offer, TaskState state, bool retryable = false) => new()
    {
        TaskId = offer.TaskId,
        Attempt = offer.Attempt,
        ExecutorAgentId = offer.AgentId,
        Status = state,
        CompletedAt = clock.GetUtcNow(),
        Result = state == TaskState.Completed ? JsonSerializer.SerializeToElement(new { by = offer.AgentId }) : null,
        Error = state == TaskState.Completed ? null : new TaskError { Code = "HANDLER_FAILED", Message = "it did not work", Retryable = retryable },
    };

    private bool HaveAllEnded()
    {
        lock (gate) { return bag.Count == 0 && ended.Count == expected.Count; }
    }

    private List<string> Open()
    {
        lock (gate) { return [.. expected.Except(ended)]; }
    }

    private List<Outgoing> Draw()
    {
        lock (gate)
        {
            var drawn = new List<Outgoing>();
            while (drawn.Count < AtOnce && bag.Count > 0)
            {
                var place = chance.Next(bag.Count);
                drawn.Add(bag[place]);
                bag[place] = bag[^1];
                bag.RemoveAt(bag.Count - 1);
            }

            return drawn;
        }
    }

    private sealed class Module(GraphWorld world) : IModule
    {
        public string Name => "world";

        public bool KeepsFacts => false;

        public void AddServices(IServiceCollection services, HostSetup setup) => services.AddSingleton<TimeProvider>(world.clock);

        // After the lane of the host: the last one counts.
        public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup) => bus.AddSingleton<ILane>(world);
    }
}
