using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Reconciliation;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Room that belongs to nobody.</summary>
[Trait("Requirement", "25")]
public sealed class StrayTests
{
    [Theory]
    [InlineData(TaskState.Running, 2, null)]
    [InlineData(TaskState.Queued, 1, null)]
    [InlineData(TaskState.Paused, 2, null)]
    [InlineData(TaskState.Running, 3, "ATTEMPT_OVER")]
    [InlineData(TaskState.Queued, 3, "ATTEMPT_OVER")]
    [InlineData(TaskState.Completed, 2, "TASK_ENDED")]
    [InlineData(TaskState.Cancelled, 1, "TASK_ENDED")]
    [InlineData(TaskState.Expired, 0, "TASK_ENDED")]
    public void Room_belongs_to_nobody_when_its_task_has_ended_or_has_a_newer_attempt(TaskState state, int attempt, string? reason) =>
        Assert.Equal(reason, StrayRules.Reason(Claims.Key("t", 2), new TaskAttempt { TaskId = "t", State = state, Attempt = attempt }));

    [Fact]
    public void A_task_that_is_not_known_keeps_its_room() => Assert.Null(StrayRules.Reason(Claims.Key("t"), null));

    [Fact]
    public void Only_what_is_found_twice_is_taken_back()
    {
        var found = new Dictionary<Ledger.AttemptKey, string> { [Claims.Key("1")] = "TASK_ENDED", [Claims.Key("2")] = "TASK_ENDED" };

        Assert.Equal(["2"], StrayRules.Proven(found, new HashSet<Ledger.AttemptKey> { Claims.Key("2"), Claims.Key("3") }).Keys.Select(key => key.TaskId));
    }

    [Theory]
    [InlineData(TaskState.Running, 1, 31, 1, "other", true)]
    [InlineData(TaskState.Running, 1, 31, 1, "t", false)]       // it names it
    [InlineData(TaskState.Running, 1, 29, 1, "other", false)]   // it may be about to take it up
    [InlineData(TaskState.Running, 1, 31, 2, "other", false)]   // another start of its process spoke
    [InlineData(TaskState.Running, 2, 31, 1, "other", false)]   // another attempt runs
    [InlineData(TaskState.Offered, 1, 31, 1, "other", false)]   // it was not taken up yet: the Scheduler asks again
    [InlineData(TaskState.Paused, 1, 31, 1, "other", false)]
    public void An_agent_has_forgotten_what_runs_by_all_other_accounts_and_is_not_named_by_it(
        TaskState state, int attempt, int saidAfterS, int incarnation, string named, bool forgotten)
    {
        var held = new Ledger.Reservation { Attempt = Claims.Key("t"), AgentId = "a", GrantedAt = Claims.Noon };
        var report = new AgentReport("a", incarnation, Claims.Noon.AddSeconds(saidAfterS), new HashSet<Ledger.AttemptKey> { Claims.Key(named) });
        var known = new TaskAttempt { TaskId = "t", State = state, Attempt = attempt };

        Assert.Equal(forgotten, StrayRules.IsForgotten(held, known, report, 1, TimeSpan.FromSeconds(30)));
        Assert.False(StrayRules.IsForgotten(held, known, null, 1, TimeSpan.FromSeconds(30)));
        Assert.False(StrayRules.IsForgotten(held, null, report, 1, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void What_an_agent_works_on_without_room_is_foreign_to_it()
    {
        var reports = new ReportBook(new ManualClock(Claims.Noon));
        reports.Hear("a", 2, [Claims.Key("mine"), Claims.Key("lost")]);
        reports.Hear("a", 1, [Claims.Key("older")]);
        reports.Hear("b", 1, [Claims.Key("mine")]);
        reports.Hear("gone", 1, [Claims.Key("x")]);
        reports.Keep(new HashSet<string> { "a", "b" });

        Assert.Equal(["a lost", "b mine"], StrayRules.Foreign(reports.Last,
                [new Ledger.Reservation { Attempt = Claims.Key("mine"), AgentId = "a", GrantedAt = Claims.Noon }])
            .Select(one => $"{one.AgentId} {one.Attempt.TaskId}").Order());
    }
}
