using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

public sealed class AgentLedgerProperties
{
    public sealed record Step(int Kind, int Task, int Cpu, int Memory);

    private static readonly Gen<Step[]> Steps = Gen.ArrayOf(
        from kind in Gen.Choose(0, 9)
        from task in Gen.Choose(0, 6)
        from cpu in Gen.Choose(0, 5)
        from memory in Gen.Choose(0, 5)
        select new Step(kind, task, cpu, memory));

    [Fact]
    public void It_is_never_overdrawn_and_equals_the_sum_of_its_holds() => Run(steps =>
    {
        var ledger = new AgentLedger(new Quantities(4, 8, 8, 0, 0));
        foreach (var step in steps)
        {
            var usedBefore = ledger.Used;
            var verdict = Play(ledger, step);
            Assert.True(ledger.Used.FitsIn(ledger.Capacity), $"{ledger.Used} in {ledger.Capacity} after {step}");
            Assert.True(Quantities.None.FitsIn(ledger.Used), $"{ledger.Used} after {step}");
            Assert.Equal(ledger.Holds.Values.Aggregate(Quantities.None, (sum, held) => sum + held), ledger.Used);
            if (ledger.Used != usedBefore && verdict is Verdict.Granted)
            {
                Assert.True(ledger.Used.FitsIn(Quantities.Max(ledger.Declared, usedBefore)),
                    $"over what was declared after {step}");
            }
        }
    });

    [Fact]
    public void Release_undoes_allocate() => Run(steps =>
    {
        var ledger = new AgentLedger(new Quantities(4, 8, 8, 0, 0));
        foreach (var step in steps) { _ = Play(ledger, step); }
        var (used, capacity) = (ledger.Used, ledger.Capacity);

        _ = ledger.Allocate(new AttemptKey("extra", 1), new Quantities(1, 1, 1, 0, 0));
        _ = ledger.Release(new AttemptKey("extra", 1));

        Assert.Equal((used, capacity), (ledger.Used, ledger.Capacity));
    });

    [Fact]
    public void A_repeated_request_gets_the_first_answer_again()
    {
        var ledger = new AgentLedger(new Quantities(1, 0, 0, 0, 0));
        var first = ledger.Allocate(new AttemptKey("a", 1), new Quantities(1, 0, 0, 0, 0));

        Assert.Equal(first, ledger.Allocate(new AttemptKey("a", 1), new Quantities(1, 0, 0, 0, 0)));
        Assert.Equal(1, ledger.Used.Slots);
        Assert.Equal(new Verdict.Denied(DenialReason.BusyForNow),
            ledger.Allocate(new AttemptKey("b", 1), new Quantities(1, 0, 0, 0, 0)));
        Assert.Equal(new Verdict.Denied(DenialReason.ExceedsCapacity),
            ledger.Allocate(new AttemptKey("c", 1), new Quantities(2, 0, 0, 0, 0)));
    }

    [Fact]
    public void An_agent_that_became_smaller_shrinks_with_each_release()
    {
        var ledger = new AgentLedger(new Quantities(2, 0, 0, 0, 0));
        _ = ledger.Allocate(new AttemptKey("a", 1), new Quantities(1, 0, 0, 0, 0));
        _ = ledger.Allocate(new AttemptKey("b", 1), new Quantities(1, 0, 0, 0, 0));

        ledger.Resize(new Quantities(1, 0, 0, 0, 0));
        Assert.Equal(2, ledger.Capacity.Slots);
        _ = ledger.Release(new AttemptKey("a", 1));

        Assert.Equal(1, ledger.Capacity.Slots);
        Assert.Equal(0, ledger.Free.Slots);
    }

    private static Verdict? Play(AgentLedger ledger, Step step)
    {
        var attempt = new AttemptKey("t" + step.Task, 1);
        switch (step.Kind)
        {
            case < 5:
                return ledger.Allocate(attempt, new Quantities(1, step.Cpu, step.Memory, 0, 0));
            case < 8:
                _ = ledger.Release(attempt);
                return null;
            case 8 when ledger.Holds.TryGetValue(attempt, out var held):
                _ = ledger.Release(attempt, held with { Slots = 0, CpuMilli = 0 });
                return null;
            default:
                ledger.Resize(new Quantities(step.Cpu, step.Cpu * 2, step.Memory * 2, 0, 0));
                return null;
        }
    }

    private static void Run(Action<Step[]> holds) =>
        Prop.ForAll(Arb.From(Steps, Smaller), steps => holds(steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static IEnumerable<Step[]> Smaller(Step[] steps) =>
        steps.Select((_, i) => steps.Where((_, j) => j != i).ToArray());
}
