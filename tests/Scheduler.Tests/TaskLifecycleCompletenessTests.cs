using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Tasks;
using MassTransit;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Every state answers every event; every declared state is in the table.</summary>
public sealed class TaskLifecycleCompletenessTests
{
    private static readonly TaskStateMachine Machine = new();

    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        var states = Machine.States.Where(state => state != Machine.Initial && state != Machine.Final && state.Name != "submitted");
        foreach (var state in states)
        {
            foreach (var heard in Machine.Events.Where(IsMessage)) { pairs.Add(state.Name, heard.Name); }
        }

        return pairs;
    }

    [Theory, MemberData(nameof(Pairs))]
    public void Every_state_answers_every_event(string state, string heard) =>
        Assert.Contains(Machine.NextEvents(Machine.GetState(state)), next => next.Name == heard);

    [Fact]
    public void The_states_of_the_machine_are_words_of_the_protocol() =>
        Assert.All(Machine.States.Where(state => state != Machine.Initial && state != Machine.Final && state != Machine.Awaited),
            state => Assert.True(WireWord.TryParse<TaskState>(state.Name, out _), state.Name));

    [Fact]
    public void Every_state_of_the_machine_is_played_by_the_table()
    {
        var played = LifecycleTable.Read().Select(cells => cells[0].Split('/', ' ')[0]).ToHashSet();

        Assert.All(Machine.States.Where(state => state != Machine.Initial && state != Machine.Final && state.Name != "submitted"),
            state => Assert.Contains(state.Name, played));
    }

    [Fact]
    public void The_completeness_check_sees_a_state_that_is_deaf()
    {
        var deaf = new DeafMachine();

        Assert.DoesNotContain(deaf.NextEvents(deaf.GetState("deaf")), next => next.Name == nameof(DeafMachine.Heard));
    }

    private static bool IsMessage(Event heard) => heard.GetType().IsGenericType && heard.GetType().GenericTypeArguments.Length == 1
        && heard.GetType().GenericTypeArguments[0].Namespace!.StartsWith("A2A.Micro", StringComparison.Ordinal);

    private sealed class DeafMachine : MassTransitStateMachine<TaskSaga>
    {
        public DeafMachine()
        {
            InstanceState(saga => saga.State);
            Event(() => Heard, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)));
            Initially(When(Heard).TransitionTo(State("deaf")));
        }

        public Event<SubmitTask> Heard { get; private set; } = null!;
    }
}
