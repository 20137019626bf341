using System.Text.Json;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Groups;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>What a task does for those that wait for it, and what they make of its word.</summary>
public sealed class WatchingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Asking_again_changes_nothing_and_beyond_the_bound_nobody_is_remembered()
    {
        var saga = new TaskSaga { TaskId = "t", State = "queued" };
        for (var n = 0; n < Watching.WatchersMax + 5; n++) { (saga.Watchers, _) = Watching.Ask(saga, Asks($"d{n}")); }
        Assert.Equal(Watching.WatchersMax, saga.Watchers.Count);
        (saga.Watchers, var answer) = Watching.Ask(saga, Asks("d0"));
        Assert.Null(answer);
        Assert.Equal(Watching.WatchersMax, saga.Watchers.Count);

        // Whoever found no place asks again, and is answered once there is an answer.
        saga.State = "completed";
        Assert.Equal(TaskState.Completed, Watching.Ask(saga, Asks($"d{Watching.WatchersMax + 1}")).Answer!.State);
    }

    [Fact]
    [Trait("Requirement", "70")]
    public void A_result_by_reference_is_handed_whole_to_an_agent_and_in_no_part_to_a_task()
    {
        var reference = PayloadPacking.Pack(JsonSerializer.SerializeToElement(new { rows = 3 }), Guid.CreateVersion7(Noon)).Reference;
        var saga = new TaskSaga { TaskId = "t", State = "completed", Result = Watching.Keep(reference.Element()) };
        var asked = new WatchDependency { TaskId = "t", DependentId = "d", WaitingSince = Noon, Outputs = ["", "/rows"] };

        var forTask = Watching.Ask(saga, asked).Answer!;
        var forAgent = Watching.Ask(saga, asked with { AgentId = "a", Attempt = 1 }).Answer!;

        Assert.Empty(forTask.Outputs!);
        Assert.Contains("no parts are taken", forTask.Detail, StringComparison.Ordinal);
        Assert.Equal(reference, PayloadReference.Of(Assert.Single(forAgent.Outputs!).Value));
        Assert.Null(forAgent.Detail);
        Assert.Contains($"{reference.Bytes} bytes", GroupResult.Keep(new GroupMember { AgentId = "a", TaskId = "m" }, reference.Element(), 1).Omitted
            ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Too_much_for_one_step_is_left_to_be_asked_for()
    {
        var saga = new TaskSaga
        {
            TaskId = "t",
            State = "completed",
            Result = JsonSerializer.Serialize(new { big = new string('x', 200_000) }),
            Watchers = [.. Enumerable.Range(0, 20).Select(n => new Watcher { DependentId = $"d{n}", Since = Noon, Outputs = ["/big"] })],
        };

        var (left, words) = Watching.Tell(saga);

        Assert.Empty(left);
        Assert.Equal(5, words.Count(word => word.Outputs is not null));
        Assert.Equal(20, words.Count);
        Assert.NotNull(Watching.Ask(saga, Asks("d19") with { Outputs = ["/big"] }).Answer!.Outputs);
    }

    [Fact]
    public void A_result_that_is_too_large_passes_nothing_on_and_says_so()
    {
        var result = JsonSerializer.SerializeToElement(new { rows = 3, big = new string('x', DependencyRules.PassedBytesMax) });
        var saga = new TaskSaga { TaskId = "t", State = "completed", Result = Watching.Keep(result), HasLargeResult = true };
        var dependency = new Dependency { TaskId = "t", Map = new Dictionary<string, string> { ["/rows"] = "/rows" } };

        var meaning = DependencyVerdicts.Meaning(dependency, Watching.Ask(saga, Asks("d") with { Outputs = ["/rows"] }).Answer!);

        Assert.Equal(DependencyOutcome.Unsatisfied, meaning!.Outcome);
        Assert.Contains("more than 262144 bytes", meaning.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_that_grow_too_large_fail_the_task()
    {
        var saga = Waiting(new Dependency { TaskId = "a", Map = new Dictionary<string, string> { [""] = "/a" } },
            new Dependency { TaskId = "b", Map = new Dictionary<string, string> { [""] = "/b" } });
        foreach (var id in new[] { "a", "b" })
        {
            var settled = new DependencySettled
            {
                TaskId = "t",
                DependencyId = id,
                State = TaskState.Completed,
                HasStarted = true,
                Outputs = new Dictionary<string, JsonElement> { [""] = JsonSerializer.SerializeToElement(new string('x', 200_000)) },
            };
            var judgement = DependencyVerdicts.OfSettled(saga, settled, Noon, TimeSpan.FromSeconds(30));
            saga.Settled = judgement.Settled!;
            Assert.Equal(id == "a" ? Verdict.Block : Verdict.Fail, judgement.Verdict);
            if (id == "b") { Assert.Equal("PAYLOAD_TOO_LARGE", judgement.Cause.Code); }
        }
    }

    [Fact]
    public void Nobody_waits_longer_than_patience_for_what_is_never_submitted()
    {
        var saga = new TaskSaga
        {
            TaskId = "t",
            State = "awaited",
            Watchers = [new Watcher { DependentId = "old", Since = Noon }, new Watcher { DependentId = "new", Since = Noon.AddMinutes(30) }],
        };

        var (left, words) = Watching.GiveUp(saga, Noon.AddHours(1), TimeSpan.FromHours(1));

        Assert.Equal(["new"], left.Select(watcher => watcher.DependentId));
        Assert.Equal(("old", null), (Assert.Single(words).TaskId, words[0].State));
        Assert.Equal(Noon.AddMinutes(90), Watching.Patience(left, TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData(0, 30)]
    [InlineData(30, 30)]
    [InlineData(120, 120)]
    [InlineData(100_000, 3600)]
    public void Asking_again_becomes_ever_more_seldom(int waitedS, int pauseS)
    {
        var saga = Waiting(new Dependency { TaskId = "a" });
        saga.WakeAt = Noon;
        var judgement = DependencyVerdicts.OfTime(
            saga, Noon.AddSeconds(waitedS), new(3, default, default, 10), TimeSpan.FromSeconds(30), TimeSpan.FromHours(1));
        Assert.Equal((Verdict.Block, TimeSpan.FromSeconds(pauseS)), (judgement.Verdict, judgement.WakeIn!.Value));
    }

    private static TaskSaga Waiting(params Dependency[] dependencies) => new()
    {
        TaskId = "t",
        State = "blocked",
        CreatedAt = Noon,
        Task = new SubmitTask { TaskId = "t", Dependencies = dependencies },
    };

    private static WatchDependency Asks(string dependent) => new() { TaskId = "t", DependentId = dependent, WaitingSince = Noon };
}
