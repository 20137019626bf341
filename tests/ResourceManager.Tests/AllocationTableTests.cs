using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Allocations;
using A2A.Micro.ResourceManager.Ledger;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Plays docs/allocation-lifecycle.md row by row against the machine.</summary>
public sealed class AllocationTableTests
{
    private const string TaskName = "report-7";

    public static TheoryData<string, string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string, string>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "allocation-lifecycle.md")))
        {
            if (line.Split('|', StringSplitOptions.TrimEntries)
                is not [_, var state, var hears, var goesTo, var says, _])
            {
                continue;
            }
            if (state.StartsWith('-') || state == "in state") { continue; }
            rows.Add(state, hears, goesTo, says);
        }

        return rows;
    }

    [Theory, MemberData(nameof(Rows))]
    public async Task An_allocation_in(string state, string hears, string goesTo, string says)
    {
        var pool = new ScriptedPool(hears);
        await using var provider = new ServiceCollection().AddSingleton(TimeProvider.System)
            .AddSingleton(new Lazy<IPool>(pool))
            .AddSingleton(Options.Create(new ResourceManagerOptions()))
            .AddMassTransitTestHarness(bus => bus.AddSagaStateMachine<AllocationStateMachine,
                AllocationSaga>().InMemoryRepository())
            .BuildServiceProvider(true);
        var harness = await provider.StartTestHarness();
        var saga = harness.GetSagaStateMachineHarness<AllocationStateMachine, AllocationSaga>();
        var id = TaskKey.OfAttempt(TaskName, 1);
        if (state != "initial") { Put(provider, id, state); }

        var message = Message(hears[..(hears.Contains('(') ? hears.IndexOf('(') : hears.Length)].Trim());
        await harness.Bus.Publish(message, message.GetType());

        Assert.True(await harness.Consumed.Any(
            consumed => consumed.MessageObject.GetType() == message.GetType() && consumed.Exception is null));
        Assert.NotNull(await saga.Exists(id, machine => machine.GetState(goesTo)));
        // What a message makes the machine say was sent before the message counted as consumed: nothing comes later that were worth waiting for.
        var sent = harness.Sent.Select(_ => true, new CancellationToken(canceled: true));
        Assert.Equal(says, string.Join(", ", sent.Select(message => NameOf(message.MessageType))));
    }

    [Fact]
    public void Every_state_answers_every_event()
    {
        var machine = Machine();
        Event[] events = [machine.AllocateRequested, machine.ReleaseRequested, machine.AgentLost];

        // The base class also declares each property under its own name; no allocation is ever in one of those.
        foreach (var state in machine.States.Where(state => state.Name == machine.Initial.Name
            || char.IsLower(state.Name[0])))
        {
            var heard = machine.NextEvents(state).Select(e => e.Name).ToHashSet();
            Assert.All(events,
                e => Assert.True(heard.Contains(e.Name), $"{state.Name} does not say what it does with {e.Name}"));
        }
    }

    [Fact]
    public void Every_state_and_event_has_its_row()
    {
        var rows = Rows().Select(row => ((string)row[0], NameIn((string)row[1]))).ToHashSet();
        string[] states = ["initial",
            .. Machine().States.Select(state => state.Name).Where(name => char.IsLower(name[0]))];
        string[] events = ["resource.allocate", "resource.release", "resource-manager.revoked"];

        Assert.Equal(6, states.Length);
        Assert.All(states.SelectMany(state => events.Select(e => (state, e))), pair => Assert.Contains(pair, rows));
    }

    private static AllocationStateMachine Machine() =>
        new(new Lazy<IPool>(new ScriptedPool("")), Options.Create(new ResourceManagerOptions()));

    private static string NameIn(string hears) => hears.Split(' ')[0];

    private static void Put(IServiceProvider provider, Guid id, string state)
    {
        var sagas = provider.GetRequiredService<MassTransit.Saga.IndexedSagaDictionary<AllocationSaga>>();
        sagas.Add(new MassTransit.Saga.SagaInstance<AllocationSaga>(new AllocationSaga
        {
            CorrelationId = id,
            State = state,
            TaskId = TaskName,
            Attempt = 1,
            AgentId = state is "granted" or "revoked" ? "worker-1" : null,
            Code = state is "denied" or "revoked" ? "SOME_CODE" : null,
            Reason = state == "denied" ? "for a reason" : null,
        }));
    }

    private static object Message(string name) => name switch
    {
        "resource.allocate" => new AllocateResources
        {
            TaskId = TaskName,
            Attempt = 1,
            TaskType = "data.analysis",
            Requirements = new Requirements(),
            Priority = 2,
            EnqueuedAt = Claims.Noon,
        },
        "resource.release" => new ReleaseResources { TaskId = TaskName, Attempt = 1 },
        "resource-manager.revoked" =>
            new ClaimRevoked { TaskId = TaskName, Attempt = 1, AgentId = "worker-1", Code = "AGENT_LEFT" },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "the table names a message that does not exist"),
    };

    private static string NameOf(Type type) =>
        ((EntityNameAttribute)Attribute.GetCustomAttribute(type, typeof(EntityNameAttribute))!).EntityName;
}
