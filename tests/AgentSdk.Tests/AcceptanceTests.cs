using A2A.Micro.Contracts.Errors;
using FsCheck.Fluent;

namespace A2A.Micro.AgentSdk.Tests;

[Trait("Requirement", "15")]
[Trait("Requirement", "73")]
[Trait("Requirement", "74")]
[Trait("Requirement", "75")]
[Trait("Requirement", "90")]
[Trait("Requirement", "92")]
public sealed class AcceptanceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly AcceptanceFacts Good = new()
    {
        TaskType = "data.analysis",
        Handled = true,
        Slots = 2,
        Busy = 1,
        Now = Now,
    };

    [Fact]
    public void A_handled_type_with_a_free_slot_is_accepted() =>
        Assert.IsType<AcceptanceDecision.Accepted>(Acceptance.Decide(Good));

    [Fact]
    public void A_foreign_type_is_unsupported() => Rejects(Good with { Handled = false }, RejectionReason.UnsupportedTaskType);

    [Fact]
    public void A_full_agent_says_so() => Rejects(Good with { Busy = 2 }, RejectionReason.CapacityExceeded);

    [Fact]
    public void A_draining_agent_takes_nothing() => Rejects(Good with { Draining = true }, RejectionReason.CapacityExceeded);

    [Fact]
    public void A_deadline_of_this_very_moment_cannot_be_met() =>
        Rejects(Good with { Deadline = Now }, RejectionReason.DeadlineImpossible);

    [Fact]
    public void A_deadline_nearer_than_the_estimate_cannot_be_met() => Rejects(
        Good with { Deadline = Now.AddSeconds(5), Estimate = TimeSpan.FromSeconds(6) }, RejectionReason.DeadlineImpossible);

    [Fact]
    public void A_reason_that_holds_everywhere_is_given_before_one_that_holds_only_here() => Rejects(
        Good with { Busy = 2, Objection = new(RejectionReason.InvalidParameters, "$.x: no") }, RejectionReason.InvalidParameters);

    [Fact]
    public void What_is_accepted_has_room_time_and_no_objection() => FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<(bool Handled, int Slots, int Busy, bool Draining, int? Deadline, bool Objects)>(),
        world =>
        {
            var accepted = Acceptance.Decide(new AcceptanceFacts
            {
                TaskType = "t",
                Handled = world.Handled,
                Slots = world.Slots,
                Busy = world.Busy,
                Draining = world.Draining,
                Now = Now,
                Deadline = Now.AddSeconds(world.Deadline ?? 1),
                Objection = world.Objects ? new(RejectionReason.ResourceUnavailable, "no") : null,
            }) is AcceptanceDecision.Accepted;
            var may = world.Handled && world.Busy < world.Slots && !world.Draining && (world.Deadline ?? 1) > 0 && !world.Objects;
            return accepted == may;
        }));

    private static void Rejects(AcceptanceFacts facts, RejectionReason reason) =>
        Assert.Equal(reason, Assert.IsType<AcceptanceDecision.Rejected>(Acceptance.Decide(facts)).Reason);
}
