using System.Text.Json;
using System.Collections.Concurrent;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Scheduler, ResourceManager and StateSync as the test wants them.</summary>
public sealed class Neighbours : IStateQueries, ITypeStatistics
{
    private readonly ConcurrentDictionary<string, List<(TaskDocument Document, TaskChange Change)>> _tasks = new();
    private int _reads;
    private int _typeQuestions;

    /// <summary>What reached the Scheduler, in the order of arrival.</summary>
    public ConcurrentQueue<SubmitTask> Submitted { get; } = new();

    /// <summary>Why the Scheduler cannot take submissions; null: it can.</summary>
    public Exception? SubmitFails { get; set; }

    /// <summary>Reports that reached StateSync.</summary>
    public ConcurrentQueue<TaskStatusUpdate> Reports { get; } = new();

    /// <summary>What the Scheduler answers to a cancel; null: nothing, ever.</summary>
    public Func<CancelTask, object?> OnCancel { get; set; } = command =>
        new ControlAcknowledged { CommandId = command.CommandId, Status = "accepted", TaskId = command.TaskId };

    /// <summary>Cancels that reached the Scheduler.</summary>
    public ConcurrentQueue<CancelTask> Cancels { get; } = new();

    /// <summary>What the Scheduler answers to every other command; null: nothing, ever.</summary>
    public Func<object, object?> OnCommand { get; set; } = _ => null;

    /// <summary>Every other command that reached the Scheduler.</summary>
    public ConcurrentQueue<object> Commands { get; } = new();

    /// <summary>What the ResourceManager answers.</summary>
    public List<AgentView> Agents { get; } = [];

    /// <summary>What the ResourceManager says about types.</summary>
    public List<AnnouncedType> Types { get; } = [];

    /// <summary>What the ResourceManager says about who counts when feasibility is judged.</summary>
    public List<AgentProfile> Fleet { get; } = [];

    /// <summary>What the ResourceManager says would become of a claim.</summary>
    public Func<PlanRoom, RoomPlan> OnPlan { get; set; } = _ => new RoomPlan { At = DateTimeOffset.UnixEpoch, Feasible = true };

    /// <summary>What the Gateway said that it refused.</summary>
    public ConcurrentQueue<SubmissionsRefused> Refused { get; } = new();

    /// <summary>Plans that were asked for, in the order of arrival.</summary>
    public ConcurrentQueue<PlanRoom> Plans { get; } = new();

    /// <summary>What operators said about agents, in the order of arrival.</summary>
    public ConcurrentQueue<SteerAgent> Steers { get; } = new();

    /// <summary>How often it was asked what there is.</summary>
    public int TypeQuestions => Volatile.Read(ref _typeQuestions);

    /// <summary>It was asked once more.</summary>
    public void CountTypeQuestion() => Interlocked.Increment(ref _typeQuestions);

    /// <summary>What the ResourceManager says about why tasks wait; null: nothing, ever.</summary>
    public Func<ExplainWait, WaitExplained?> OnExplain { get; set; } = _ => new WaitExplained();

    /// <summary>Questions why tasks wait, in the order of arrival.</summary>
    public ConcurrentQueue<ExplainWait> Explains { get; } = new();

    /// <summary>What the ResourceManager says about who waits.</summary>
    public Func<ReadLine, WaitingPage> OnLine { get; set; } = _ => new WaitingPage { Length = 0, Entries = [] };

    /// <summary>What StateSync says about the history of a type.</summary>
    public ConcurrentDictionary<string, TaskTypeStatistics> Histories { get; } = new();

    /// <summary>Whether StateSync can be reached.</summary>
    public bool StatesDown { get; set; }

    /// <summary>How often a document was asked for.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>The last filter that was asked with.</summary>
    public TaskFilter? LastFilter { get; private set; }

    /// <summary>What the next page of a list says.</summary>
    public TaskPage Page { get; set; } = new() { Tasks = [] };

    /// <summary>What lists say instead.</summary>
    public Func<TaskFilter, TaskPage>? OnList { get; set; }

    /// <summary>What StateSync says of a task and its descendants; null: nothing.</summary>
    public TaskTree? Family { get; set; }

    /// <summary>Adds the next version of a task; nobody is told.</summary>
    public TaskDocument Put(string taskId, TaskState state, Func<TaskDocument, TaskDocument>? more = null)
    {
        var versions = _tasks.GetOrAdd(taskId, _ => []);
        lock (versions)
        {
            var version = versions.Count + 1;
            var at = new DateTimeOffset(2026, 3, 21, 15, 0, 0, TimeSpan.Zero).AddSeconds(version);
            var document = new TaskDocument
            {
                TaskId = taskId,
                TaskType = "data.analysis",
                State = state,
                Version = version,
                Sequence = version,
                Priority = 3,
                CreatedAt = at,
                UpdatedAt = at,
                Attempt = 1,
                Mode = TaskMode.Routed,
            };
            document = more?.Invoke(document) ?? document;
            versions.Add((document, new TaskChange
            {
                TaskId = taskId,
                Version = version,
                Kind = "transition",
                At = at,
                State = state,
                Attempt = 1,
                Progress = document.Progress,
            }));
            return document;
        }
    }

    /// <summary>Drops old versions from the history, as retention would.</summary>
    public void Forget(string taskId, int count) => _tasks[taskId].RemoveRange(0, count);

    public Task<TaskDocument?> Find(string taskId, CancellationToken cancellation)
    {
        _ = Interlocked.Increment(ref _reads);
        CheckUp();
        if (!_tasks.TryGetValue(taskId, out var versions)) { return Task.FromResult<TaskDocument?>(null); }
        lock (versions) { return Task.FromResult<TaskDocument?>(versions[^1].Document); }
    }

    public async Task<IReadOnlyList<TaskDocument>> Find(IReadOnlyList<string> taskIds, CancellationToken cancellation)
    {
        var documents = new List<TaskDocument>();
        foreach (var id in taskIds) { if (await Find(id, cancellation) is { } document) { documents.Add(document); } }
        return documents;
    }

    public Task<IReadOnlyList<TaskDocument>> Heads(IReadOnlyList<string> taskIds, CancellationToken cancellation) => Find(taskIds, cancellation);

    public Task<IReadOnlyList<TaskChange>> History(string taskId, long afterVersion, int limit, CancellationToken cancellation)
    {
        CheckUp();
        if (!_tasks.TryGetValue(taskId, out var versions)) { return Task.FromResult<IReadOnlyList<TaskChange>>([]); }
        lock (versions)
        {
            return Task.FromResult<IReadOnlyList<TaskChange>>(
                [.. versions.Select(one => one.Change).Where(change => change.Version > afterVersion).Take(limit)]);
        }
    }

    public async Task<IReadOnlyList<TaskChange>> Partials(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
        [.. (await History(taskId, afterVersion, int.MaxValue, cancellation)).Where(change => change.Kind == "partial").Take(limit)];

    public Task<TaskPage> List(TaskFilter filter, CancellationToken cancellation)
    {
        CheckUp();
        LastFilter = filter;
        return Task.FromResult(OnList?.Invoke(filter) ?? Page);
    }

    public Task<TaskTree?> Tree(string taskId, int limit, CancellationToken cancellation)
    {
        CheckUp();
        return Task.FromResult(Family is { } family ? family with { Tasks = [.. family.Tasks.Take(limit)] } : null);
    }

    public Task<TaskTypeStatistics> Of(string taskType, CancellationToken cancellation)
    {
        CheckUp();
        return Task.FromResult(Histories.GetValueOrDefault(taskType)
            ?? new TaskTypeStatistics { TaskType = taskType, Count = 0, Completed = 0, Cancelled = 0 });
    }

    private void CheckUp()
    {
        if (StatesDown) { throw new ProtocolException(ErrorKind.Connection, "The state of tasks cannot be read at the moment."); }
    }
}

internal sealed class NeighboursModule(Neighbours neighbours) : IModule
{
    public string Name => "neighbours";

    public void AddServices(IServiceCollection services, HostSetup setup) => services
        .AddSingleton(neighbours)
        .AddSingleton<FakeShared.Values>().AddSingleton<ISystemStatistics, FakeStatistics>()
        .AddSingleton<IStateQueries>(neighbours).AddSingleton<ITypeStatistics>(neighbours);

    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
    {
        bus.AddConsumer<FakeScheduler>().Endpoint(endpoint => endpoint.Name = Endpoints.Tasks);
        bus.AddConsumer<FakeResources>().Endpoint(endpoint => endpoint.Name = Endpoints.Agents);
        bus.AddConsumer<FakeShared>().Endpoint(endpoint => endpoint.Name = Endpoints.SharedState);
        bus.AddConsumer<FakeStates>().Endpoint(endpoint => endpoint.Name = Endpoints.Status);
        bus.AddConsumer<FakeViews>().Endpoint(endpoint => endpoint.Name = Endpoints.Resources);
    }
}

internal sealed class FakeScheduler(Neighbours neighbours) : IConsumer<SubmitTask>, IConsumer<Bulk>, IConsumer<CancelTask>, IConsumer<PauseTask>,
    IConsumer<ResumeTask>, IConsumer<HoldTask>, IConsumer<RetryTask>, IConsumer<AmendTask>, IConsumer<ProvideInput>
{
    // What was ready together travels together.
    public Task Consume(ConsumeContext<Bulk> context)
    {
        foreach (var entry in context.Message.Entries.Where(entry => entry.Urn == "a2a:task.submit"))
        {
            neighbours.Submitted.Enqueue(entry.Body.Deserialize<SubmitTask>(WireJson.Options)!);
        }

        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<PauseTask> context) => Other(context);

    public Task Consume(ConsumeContext<ResumeTask> context) => Other(context);

    public Task Consume(ConsumeContext<HoldTask> context) => Other(context);

    public Task Consume(ConsumeContext<RetryTask> context) => Other(context);

    public Task Consume(ConsumeContext<AmendTask> context) => Other(context);

    public Task Consume(ConsumeContext<ProvideInput> context) => Other(context);

    public Task Consume(ConsumeContext<SubmitTask> context)
    {
        if (neighbours.SubmitFails is { } failure) { throw failure; }
        neighbours.Submitted.Enqueue(context.Message);
        return Task.CompletedTask;
    }

    public async Task Consume(ConsumeContext<CancelTask> context)
    {
        neighbours.Cancels.Enqueue(context.Message);
        await Answer(context, neighbours.OnCancel(context.Message));
    }

    private Task Other<T>(ConsumeContext<T> context) where T : class
    {
        neighbours.Commands.Enqueue(context.Message);
        return Answer(context, neighbours.OnCommand(context.Message));
    }

    private static Task Answer(ConsumeContext context, object? answer) => answer switch
    {
        ControlAcknowledged yes => context.Send(Endpoints.Address(Endpoints.Commands), yes),
        ControlRejected no => context.Send(Endpoints.Address(Endpoints.Commands), no),
        _ => Task.CompletedTask,
    };
}

internal sealed class FakeResources(Neighbours neighbours) : IConsumer<ListAgents>, IConsumer<ListTaskTypes>, IConsumer<SteerAgent>
{
    public Task Consume(ConsumeContext<SteerAgent> context)
    {
        neighbours.Steers.Enqueue(context.Message);
        return context.RespondAsync(new AgentSteered { Agent = neighbours.Agents.Find(agent => agent.AgentId == context.Message.AgentId) });
    }

    public Task Consume(ConsumeContext<ListTaskTypes> context)
    {
        neighbours.CountTypeQuestion();
        return context.RespondAsync(new TaskTypeList { Types = [.. neighbours.Types], Agents = [.. neighbours.Fleet] });
    }

    public Task Consume(ConsumeContext<ListAgents> context) => context.RespondAsync(new AgentList { Agents = neighbours.Agents });
}
