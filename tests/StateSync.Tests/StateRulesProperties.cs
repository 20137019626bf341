using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.StateSync.States;
using A2A.Micro.StateSync.Verification;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.StateSync.Tests;

/// <summary>What must hold in whatever order the broker delivers, however often (I11, I17).</summary>
[Trait("Requirement", "2")]
[Trait("Requirement", "34")]
[Trait("Requirement", "35")]
public sealed class StateRulesProperties
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(80);

    [Fact]
    public void Any_order_with_repeats_leads_to_the_same_document() => ForAnyDelivery(liars: true, (life, told) =>
    {
        var inOrder = new Teller();
        inOrder.Tell(life);
        Assert.Equal(Essence(inOrder.Document), Essence(told.Document));
        Assert.Empty(told.Record.Early);
    });

    [Fact]
    public void Versions_are_dense_and_the_history_leads_to_the_document() => ForAnyDelivery(liars: true, (_, told) =>
        Assert.Null(HistoryRules.Mismatch(told.Document, told.Changes)));

    [Fact]
    public void While_it_runs_the_document_shows_the_furthest_report_of_the_attempt() => ForAnyDelivery(liars: false, (life, told) =>
    {
        if (life.State != TaskState.Running) { return; }
        var furthest = life.Inputs.Select(input => input switch
        {
            StateInput.Status { Message: var status } when status.Attempt == life.Attempt => status.Progress,
            StateInput.Partial { Message: var partial } when partial.Attempt == life.Attempt => partial.CompletedPortion,
            _ => 0,
        }).Max();
        Assert.Equal(furthest, told.Document.Progress);
    });

    [Fact]
    public void Told_once_more_nothing_changes() => ForAnyDelivery(liars: true, (life, told) =>
    {
        var version = told.Document.Version;
        foreach (var step in life.Inputs.OfType<StateInput.Transition>())
        {
            Assert.Equal(step.Message.Sequence, told.Tell(step).RepeatedSequence);
        }

        Assert.Equal(version, told.Document.Version);
    });

    private static void ForAnyDelivery(bool liars, Action<Life, Teller> check) =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<int>(), (choices, seed) =>
        {
            var life = AnyLife.From(choices ?? [], liars: liars);
            var told = new Teller();
            foreach (var input in AnyLife.Shuffled(life.Inputs, new Random(seed))) { told.Tell(input); }
            check(life, told);
        }).Check(Thorough);

    // Which of the reports came in time depends on the order, and with it their number and the last message; nothing else does.
    private static TaskDocument Essence(TaskDocument document) => document with
    {
        Version = 0,
        Progress = 0,
        ProgressMessage = null,
    };
}
