using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.StateSync.States;
using A2A.Micro.StateSync.Verification;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.StateSync.Tests;

/// <summary>Partial results go another way than the steps of their task, and may come before, after and across them.</summary>
[Trait("Requirement", "93")]
public sealed class PartialOrderTests
{
    private readonly Teller _teller = new();

    [Fact]
    public void One_that_the_end_overtakes_is_kept_and_the_task_stays_ended()
    {
        var life = Life.Running().Part(0.5, "[1]").Complete();
        _teller.Tell(life);
        var last = life.Part(1, "[1,2]").Last;

        var late = _teller.Tell(last);

        Assert.Equal(["[1]", "[1,2]"], Parts());
        Assert.Equal((TaskState.Completed, 7L, 5L), (_teller.Document.State, _teller.Document.Version, _teller.Document.Sequence));
        Assert.Equal(TaskState.Completed, Assert.Single(late.Changes).Change.State);
        Assert.False(StateAnswer.Of(late, []).Ends, "it is not told as an end once more");
        Assert.Equal(RefusalKind.Repeated, Assert.Single(_teller.Tell(last).Refusals).Kind);
        Assert.Null(HistoryRules.Mismatch(_teller.Document, _teller.Changes));
    }

    [Fact]
    public void One_that_was_said_after_the_end_is_refused()
    {
        var life = Life.Running().Move(TaskState.Cancelled);
        _teller.Tell(life);
        var zombie = ((StateInput.Partial)life.Part(1).Last).Message with
        {
            Timestamp = _teller.Document.EndedAt!.Value + ReportRules.ClocksDifferMax + TimeSpan.FromMilliseconds(1),
        };

        Assert.Equal(RefusalKind.AlreadyTerminal, Assert.Single(_teller.Tell(new StateInput.Partial(zombie)).Refusals).Kind);
        Assert.Equal(RefusalKind.AlreadyTerminal, Assert.Single(
            _teller.Tell(new StateInput.Partial(zombie with { Timestamp = Life.Noon, ExecutorAgentId = "agent-9" })).Refusals).Kind);
    }

    [Fact]
    public void All_that_come_before_their_attempt_is_known_to_run_are_kept_in_their_order()
    {
        var life = new Life().Submit().Queue().Offer("agent-1");
        _teller.Tell(life);
        Assert.All(new[] { Said(life, 2), Said(life, 1), Said(life, 3), Said(life, 2) }, part => Assert.True(_teller.Tell(part).HeldBack));

        _teller.Tell(life.Run().Last);

        Assert.Equal(["[1]", "[2]", "[3]"], Parts());
        Assert.True(_teller.Record.EarlyPartials.IsEmpty);
    }

    [Fact]
    public void More_than_a_bound_do_not_wait_and_those_refused_are_told()
    {
        var life = new Life().Submit().Queue().Offer("agent-1");
        _teller.Tell(life);
        for (var number = 1; number <= EarlyPartials.CountMax; number++) { Assert.True(_teller.Tell(Said(life, number)).HeldBack); }

        Assert.Equal(RefusalKind.Crowded, Assert.Single(_teller.Tell(Said(life, EarlyPartials.CountMax + 1)).Refusals).Kind);

        _teller.Tell(life.Run().Last);
        Assert.Equal(EarlyPartials.CountMax, Parts().Count());
        Assert.Empty(_teller.Tell(Said(life, EarlyPartials.CountMax + 1)).Refusals);
    }

    [Fact]
    public void Large_ones_are_bounded_by_their_bytes_and_one_that_left_makes_room()
    {
        var half = Life.Json($"\"{new string('x', (EarlyPartials.BytesMax / 2) - 2)}\"");
        var (first, second, third) = (Large(1), Large(2), Large(3));

        var full = EarlyPartials.None.With(first).With(second);

        Assert.False(full.HasRoomFor(third));
        Assert.True(full.Without(EarlyPartials.KeyOf(first)).HasRoomFor(third));
        TaskPartial Large(int number) => ((StateInput.Partial)Said(new Life().Submit().Queue(), number)).Message with { IntermediateData = half };
    }

    [Fact]
    public void In_whatever_order_and_however_often_they_come_each_is_kept_once() =>
        Prop.ForAll(Gen.Choose(1, PartialMark.Window).ToArbitrary(), ArbMap.Default.ArbFor<int>(), (count, seed) =>
        {
            var random = new Random(seed);
            var life = Life.Running();
            StateInput[] parts = [.. Enumerable.Range(1, count).Select(number => Said(new Life().Submit().Queue().Offer("agent-1"), number))];
            if (random.Next(2) == 0) { _ = life.Complete(); }
            var teller = new Teller();
            foreach (var input in AnyLife.Shuffled([.. life.Inputs, .. parts], random))
            {
                _ = teller.Tell(input);
            }

            var kept = teller.Changes.Where(change => change.Kind == DocumentRules.Partial).Select(change => change.PartialNumber!.Value);
            Assert.Equal(Enumerable.Range(1, count), kept.Order());
            Assert.Null(HistoryRules.Mismatch(teller.Document, teller.Changes));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_mark_knows_which_numbers_are_there_as_a_set_would() =>
        Prop.ForAll(Gen.Choose(1, 150).ListOf().ToArbitrary(), numbers =>
        {
            var (known, last) = (new HashSet<int>(), (PartialMark?)null);
            foreach (var number in numbers)
            {
                var isNew = !known.Contains(number) && number > known.DefaultIfEmpty().Max() - 1 - PartialMark.Window;
                last = PartialMark.After(last, ((StateInput.Partial)Said(new Life(), number)).Message, out var refusal);
                Assert.Equal(isNew, refusal is null);
                if (isNew) { known.Add(number); }
            }
        }).QuickCheckThrowOnFailure();

    // All within the first second of the task: before its end, whenever they come.
    private static StateInput Said(Life life, int number) =>
        new StateInput.Partial(((StateInput.Partial)life.Part(number / 1000.0, $"[{number}]", number: number).Last).Message with { Timestamp = Life.Noon });

    private IEnumerable<string?> Parts() => _teller.Changes.Where(change => change.Kind == DocumentRules.Partial).Select(change => change.Data?.GetRawText());
}
