using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Distribution;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>An agent that does not answer (COM001): the next one is asked, and a command gets its one answer all the same (requirements 22, 23, 47).</summary>
public sealed class SilenceTests(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    [Fact]
    [Trait("Requirement", "47")]
    public async Task Who_is_silent_on_an_offer_loses_it_to_the_next_one_until_too_many_were_and_then_the_task_fails()
    {
        const string task = "silent-offer";
        _ = await scheduler.Hear(new SubmitTask { TaskId = task, TaskType = "a.b" });
        var most = new SchedulerOptions().MaxLosses + 1;
        for (var attempt = 1; attempt <= most; attempt++)
        {
            var said = await Unanswered(task, attempt);
            Assert.Equal(attempt, Assert.Single(said.OfType<ReleaseResources>()).Attempt);
            if (attempt == most) { break; }
            var next = Assert.Single(said.OfType<AllocateResources>());
            Assert.Equal((attempt + 1, "agent-" + attempt), (next.Attempt, next.AvoidAgent));
            Assert.Contains("COM001", (await scheduler.Find(task))!.Notes[^1], StringComparison.Ordinal);
        }

        var saga = await scheduler.Find(task);
        Assert.Equal(("failed", most), (saga!.State, saga.Attempt));
    }

    [Fact]
    [Trait("Requirement", "47")]
    public async Task The_only_one_is_asked_again_after_a_back_off_that_doubles_and_another_one_at_once()
    {
        const string task = "silent-alone";
        var rule = new RetryRule { InitialBackoffS = 4, MaxBackoffS = 10, Jitter = 0.5 };
        _ = await scheduler.Hear(new SubmitTask { TaskId = task, TaskType = "a.b", Retry = rule });
        var attempt = 1;
        foreach (var (least, most) in new[] { (2.0, 4.0), (4.0, 8.0), (5.0, 10.0) })
        {
            Assert.Equal(attempt + 1, Assert.Single((await Unanswered(task, attempt, "agent-1")).OfType<AllocateResources>()).Attempt);
            attempt++;
            var said = await Room(task, attempt, "agent-1");
            Assert.Equal(attempt, Assert.Single(said.OfType<ReleaseResources>()).Attempt);
            Assert.Empty(said.OfType<OfferTask>());
            var step = Assert.Single(said.OfType<TaskTransitioned>());
            Assert.Equal((TaskState.Blocked, TaskPhase.RetryWait, "RETRY_BACKOFF"), (step.State, step.Phase, step.Code));
            Assert.InRange(((await scheduler.Find(task))!.WakeAt!.Value - scheduler.Clock.GetUtcNow()).TotalSeconds, least, most);

            var again = Assert.Single((await Due(task)).OfType<AllocateResources>());
            attempt++;
            // Whoever else can do it by now still goes first.
            Assert.Equal((attempt, "agent-1"), (again.Attempt, again.AvoidAgent));
        }

        _ = await Unanswered(task, attempt, "agent-1");
        Assert.Equal("agent-2", Assert.Single((await Room(task, attempt + 1, "agent-2")).OfType<OfferTask>()).AgentId);
        // Waiting cost it none of its attempts.
        var saga = await scheduler.Find(task);
        Assert.Equal((4, 0), (saga!.Losses, saga.Failures));
    }

    [Theory]
    [InlineData("a", 2, "attempt 1: a did not answer the offer in time (COM001)", "attempt 2: a did not answer the offer in time (COM001)")]
    [InlineData("a", 0, "attempt 1: a did not answer the offer in time (COM001)", "attempt 2: a alone could do it, and is asked again after a while")]
    [InlineData("a", 0, "attempt 1: ab did not answer the offer in time (COM001)")]
    [InlineData("a", 0, "a rejected: CAPACITY_EXCEEDED (attempt 1: a did not answer the offer in time)")]
    [InlineData("a", 1, "attempt 1: a did not answer the offer in time (COM001)", "attempt 2: b was lost (AGENT_SILENT)")]
    public void What_an_agent_is_owed_is_told_from_the_notes(string agent, int silences, params string[] notes) =>
        Assert.Equal(silences, Silence.Owed(notes, agent));

    [Fact]
    [Trait("Requirement", "22")]
    [Trait("Requirement", "23")]
    [Trait("Requirement", "47")]
    public async Task A_pause_that_its_agent_does_not_confirm_is_rejected_with_COM001_once_and_the_task_goes_on()
    {
        const string task = "silent-pause";
        _ = await scheduler.Hear(new SubmitTask { TaskId = task, TaskType = "a.b" });
        _ = await scheduler.Hear(new ResourcesAllocated { TaskId = task, Attempt = 1, AgentId = "agent-1", Resources = [] });
        _ = await scheduler.Hear(new TaskAccepted { TaskId = task, Attempt = 1, AgentId = "agent-1" });
        _ = await scheduler.Hear(new PauseTask { TaskId = task, CommandId = "p-1" });

        var answers = (await Due(task)).OfType<ControlRejected>().ToList();

        var answer = Assert.Single(answers);
        Assert.Equal(("p-1", "COM001", "running"), (answer.CommandId, answer.Reason, (await scheduler.Find(task))!.State));
        // Asked once more, it says the same; time that passes says nothing.
        var again = Assert.Single((await scheduler.Hear(new PauseTask { TaskId = task, CommandId = "p-1" })).OfType<ControlRejected>());
        Assert.Equal("COM001", again.Reason);
        Assert.Empty((await Due(task)).OfType<ControlRejected>());
        var late = await scheduler.Hear(new ControlAcknowledged { CommandId = "p-1", Status = "applied", TaskId = task, Attempt = 1, AgentId = "agent-1" });
        // It has stopped all the same: the task is placed anew, and the command keeps its answer.
        Assert.Equal(2, Assert.Single(late.OfType<AllocateResources>()).Attempt);
        Assert.Empty(late.OfType<ControlAcknowledged>());
    }

    private async Task<IReadOnlyList<object>> Unanswered(string task, int attempt, string? agent = null)
    {
        var offer = Assert.Single((await Room(task, attempt, agent ?? "agent-" + attempt)).OfType<OfferTask>());
        Assert.Equal(attempt, offer.Attempt);
        return await Due(task);
    }

    private Task<IReadOnlyList<object>> Room(string task, int attempt, string agent) =>
        scheduler.Hear(new ResourcesAllocated { TaskId = task, Attempt = attempt, AgentId = agent, Resources = [] });

    // As the sweep says it once the patience of the step is over; with the clock turned, the sweep itself might be faster.
    private Task<IReadOnlyList<object>> Due(string task) =>
        scheduler.Hear(new TaskDue { SagaId = TaskKey.Of(task), Now = scheduler.Clock.GetUtcNow().AddMinutes(1) });
}
