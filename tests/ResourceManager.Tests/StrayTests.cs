using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Reconciliation;
using A2A.Micro.ResourceManager.Views;

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
        var found = new Dictionary<AttemptKey, string> { [Claims.Key("1")] = "TASK_ENDED", [Claims.Key("2")] = "TASK_ENDED" };

        Assert.Equal(["2"], StrayRules.Proven(found, new HashSet<AttemptKey> { Claims.Key("2"), Claims.Key("3") }).Keys.Select(key => key.TaskId));
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
        var (held, grace) = (Held("t", "a"), TimeSpan.FromSeconds(30));
        var report = new AgentReport("a", incarnation, Claims.Noon.AddSeconds(saidAfterS), new HashSet<AttemptKey> { Claims.Key(named) });
        var known = new Dictionary<string, TaskAttempt> { ["t"] = new() { TaskId = "t", State = state, Attempt = attempt } };

        Assert.Equal(forgotten ? [Claims.Key("t")] : [], StrayRules.AllForgotten(Seen([held], report), known, grace).Keys);
        Assert.Empty(StrayRules.AllForgotten(Seen([held]), known, grace));
        Assert.Empty(StrayRules.AllForgotten(Seen([held], report), new Dictionary<string, TaskAttempt>(), grace));
    }

    [Fact]
    public void What_an_agent_works_on_without_room_is_foreign_to_it()
    {
        var seen = Seen([Held("mine", "a")], Report("a", 1, "mine", "lost"), Report("b", 1, "mine"), Report("b-older", 0, "x"), Report("gone", 1, "x"));

        Assert.Equal(["a lost", "b mine"], StrayRules.Foreign(seen).Keys.Select(one => $"{one.AgentId} {one.Attempt.TaskId}").Order());
    }

    [Fact]
    public void What_was_said_is_proven_by_a_later_word_and_forgotten_when_it_is_contradicted()
    {
        var words = new SecondWord<string>();

        Assert.Empty(words.Proven(Said(1)));
        Assert.Empty(words.Proven(Said(1)));
        Assert.Equal(["x"], words.Proven(Said(2)));
        Assert.Empty(words.Proven(new Dictionary<string, DateTimeOffset>()));
        Assert.Empty(words.Proven(Said(3)));

        static Dictionary<string, DateTimeOffset> Said(int second) => new() { ["x"] = Claims.Noon.AddSeconds(second) };
    }

    private static Reservation Held(string task, string agent) => new() { Attempt = Claims.Key(task), AgentId = agent, GrantedAt = Claims.Noon };

    private static AgentReport Report(string agent, long incarnation, params string[] tasks) =>
        new(agent, incarnation, Claims.Noon, tasks.Select(task => Claims.Key(task)).ToHashSet());

    private static PoolSnapshot Seen(IReadOnlyList<Reservation> held, params AgentReport[] reports) => new(
        Claims.Noon, [Agent("a", Standing.Online), Agent("b", Standing.Draining), Agent("b-older", Standing.Online), Agent("gone", Standing.Offline)], held)
    {
        Reports = reports,
    };

    private static PoolAgent Agent(string id, Standing standing) =>
        new(AgentFacts.Of(Claims.Agent(id), standing, Claims.Noon), new AgentLedger(new Quantities(1, 0, 0, 0, 0)));
}
