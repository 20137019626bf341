using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.StateSync.States;
using A2A.Micro.StateSync.Verification;

namespace A2A.Micro.StateSync.Tests;

[Trait("Requirement", "1")]
[Trait("Requirement", "8")]
[Trait("Requirement", "28")]
public sealed class StateRulesTests
{
    private readonly Teller _teller = new();

    [Fact]
    public void Steps_make_dense_versions_and_the_document_follows_them()
    {
        _teller.Tell(Life.Running().Report(0.5, "half").Complete());

        var document = _teller.Document;
        Assert.Equal((TaskState.Completed, 6L, 5L, 1.0), (document.State, document.Version, document.Sequence, document.Progress));
        Assert.Equal(Life.Noon.AddSeconds(4), document.StartedAt);
        Assert.Equal(Life.Noon.AddSeconds(5), document.EndedAt);
        Assert.Equal(["transition", "transition", "transition", "transition", "progress", "transition"],
            _teller.Changes.Select(change => change.Kind));
        Assert.Null(HistoryRules.Mismatch(document, _teller.Changes));
    }

    [Fact]
    public void An_early_step_waits_until_the_gap_closes()
    {
        var life = Life.Running();
        _teller.Tell(life.Inputs[0]);
        Assert.True(_teller.Tell(life.Inputs[2]).HeldBack);
        Assert.True(_teller.Tell(life.Inputs[3]).HeldBack);
        Assert.Equal(TaskState.Submitted, _teller.Document.State);

        var filled = _teller.Tell(life.Inputs[1]);

        Assert.Equal([2L, 3L, 4L], filled.Changes.Select(change => change.Change.Version));
        Assert.Equal(TaskState.Running, _teller.Document.State);
        Assert.Empty(_teller.Record.Early);
    }

    [Fact]
    public void A_repeated_step_changes_nothing_and_names_its_sequence()
    {
        var life = Life.Running();
        _teller.Tell(life);

        var repeat = _teller.Tell(life.Inputs[1]);

        Assert.Equal(2, repeat.RepeatedSequence);
        Assert.Empty(repeat.Changes);
    }

    [Fact]
    public void A_new_attempt_starts_from_nothing()
    {
        _teller.Tell(Life.Running().Report(0.7, "far").Fail("AGENT_LOST", TaskState.Blocked).Queue());

        var document = _teller.Document;
        Assert.Equal((2, 0.0), (document.Attempt, document.Progress));
        Assert.Null(document.ProgressMessage);
        Assert.Null(document.AgentId);
        Assert.Null(document.StartedAt);
        Assert.Equal("AGENT_LOST", document.Error?.Code);
    }

    [Theory]
    [InlineData(0.3, RefusalKind.ProgressBack)]
    [InlineData(0.5, RefusalKind.Repeated)]
    [InlineData(double.NaN, RefusalKind.Malformed)]
    [InlineData(double.PositiveInfinity, RefusalKind.Malformed)]
    [InlineData(1.01, RefusalKind.Malformed)]
    [InlineData(-0.1, RefusalKind.Malformed)]
    public void Progress_never_goes_back_and_stays_within_0_and_1(double progress, RefusalKind expected)
    {
        var life = Life.Running().Report(0.5, "half");
        _teller.Tell(life);

        var outcome = _teller.Tell(life.Report(progress, "other").Last);

        Assert.Equal(expected, Assert.Single(outcome.Refusals).Kind);
        Assert.Equal((0.5, "half"), (_teller.Document.Progress, _teller.Document.ProgressMessage));
    }

    [Fact]
    public void The_first_word_counts_although_progress_is_still_0()
    {
        var life = Life.Running().Report(0, "reading the input");
        _teller.Tell(life);

        Assert.Equal("reading the input", _teller.Document.ProgressMessage);
        Assert.Equal(5, _teller.Tell(life.Last).Again?.Version);
        Assert.Equal(5, _teller.Document.Version);
    }

    [Fact]
    public void A_report_of_another_agent_or_an_older_attempt_is_refused()
    {
        var life = Life.Running().Fail("AGENT_LOST", TaskState.Blocked).Queue().Offer("agent-2").Run();
        _teller.Tell(life);

        Assert.Equal(RefusalKind.StaleAttempt, Refused(life.Report(0.9, attempt: 1, agent: "agent-1")));
        Assert.Equal(RefusalKind.NotOwner, Refused(life.Report(0.9, agent: "agent-1")));
        Assert.Equal(RefusalKind.NotRunning, Refused(life.Report(1, status: TaskState.Completed)));
        Assert.Equal(RefusalKind.AlreadyTerminal, Refused(life.Complete().Report(0.9)));
        Assert.Equal(1, _teller.Document.Progress);
    }

    [Fact]
    public void A_status_without_an_attempt_is_refused()
    {
        var status = new TaskStatusUpdate
        {
            TaskId = "t-1",
            Status = TaskState.Running,
            Progress = 0.5,
            Timestamp = Life.Noon,
            ExecutorAgentId = "agent-1",
        };
        _teller.Tell(Life.Running());

        Assert.Equal(RefusalKind.Malformed, Assert.Single(_teller.Tell(new StateInput.Status(status)).Refusals).Kind);
    }

    [Fact]
    public void A_report_that_overtakes_the_acceptance_waits_for_it()
    {
        var life = new Life().Submit().Queue().Offer("agent-1");
        _teller.Tell(life);
        Assert.True(_teller.Tell(life.Report(0.2).Last).HeldBack);
        Assert.True(_teller.Tell(life.Report(0.4, "later").Last).HeldBack);
        Assert.True(_teller.Tell(life.Report(0.3).Last).HeldBack);

        var released = _teller.Tell(life.Run().Last);

        Assert.Equal(["transition", "progress"], released.Changes.Select(change => change.Change.Kind));
        Assert.Equal((0.4, "later"), (_teller.Document.Progress, _teller.Document.ProgressMessage));
        Assert.Null(_teller.Record.EarlyStatus);
    }

    [Fact]
    public void A_report_that_waits_is_dropped_when_its_attempt_is_over()
    {
        var life = new Life().Submit().Queue().Offer("agent-1").Report(0.4);
        _teller.Tell(life);

        var outcome = _teller.Tell(life.Queue().Last);

        Assert.Equal(RefusalKind.StaleAttempt, Assert.Single(outcome.Refusals).Kind);
        Assert.Null(_teller.Record.EarlyStatus);
    }

    [Fact]
    public void Partial_results_lie_in_the_history_in_their_order_and_once()
    {
        var life = Life.Running().Part(0.2, "[1]").Part(0.2, "[1,2]").Part(0.6, "[1,2,3]");
        _teller.Tell(life);

        Assert.Equal(["[1]", "[1,2]", "[1,2,3]"],
            _teller.Changes.Where(change => change.Kind == "partial").Select(change => change.Data?.GetRawText()));
        Assert.Equal(0.6, _teller.Document.Progress);
        Assert.Equal(7, _teller.Tell(life.Last).Again?.Version);
        Assert.Equal(RefusalKind.ProgressBack, Refused(life.Part(0.1)));
    }

    [Fact]
    public void The_time_of_a_document_never_goes_back()
    {
        var life = Life.Running();
        var record = StateRules.Apply(TaskRecord.Empty, life.Inputs[0], Life.Noon).Record;

        var later = StateRules.Apply(record, life.Inputs[1], Life.Noon.AddMinutes(-1));

        Assert.Equal(Life.Noon, later.Record.Document?.UpdatedAt);
    }

    [Fact]
    public void Sequence_1_without_the_task_is_refused()
    {
        var step = ((StateInput.Transition)new Life().Submit().Last).Message with { Task = null };

        Assert.Equal(RefusalKind.Malformed, Assert.Single(_teller.Tell(new StateInput.Transition(step)).Refusals).Kind);
    }

    private RefusalKind Refused(Life life)
    {
        // Whatever stands before the last message was told already, or is a step that has to be told first.
        foreach (var step in life.Inputs.OfType<StateInput.Transition>()) { _teller.Tell(step); }
        return Assert.Single(_teller.Tell(life.Last).Refusals).Kind;
    }
}

/// <summary>Keeps the record of one task from message to message.</summary>
internal sealed class Teller
{
    private readonly List<TaskChange> _changes = [];

    public TaskRecord Record { get; private set; } = TaskRecord.Empty;

    public TaskDocument Document => Record.Document ?? throw new InvalidOperationException("there is no document yet");

    public IReadOnlyList<TaskChange> Changes => _changes;

    public StateOutcome Tell(StateInput input)
    {
        var outcome = StateRules.Apply(Record, input, Life.Noon.AddHours(1));
        Record = outcome.Record;
        _changes.AddRange(outcome.Changes.Select(change => change.Change));
        return outcome;
    }

    public void Tell(Life life)
    {
        foreach (var input in life.Inputs) { Tell(input); }
    }
}
