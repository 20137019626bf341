using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>What the table cannot say: what travels with an attempt, and what repeats do (requirements 19-23, 93).</summary>
public sealed class ControlTests(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    private static int _count;
    private readonly string _task = $"control-{Interlocked.Increment(ref _count)}";

    [Fact]
    public async Task The_attempt_after_a_lost_agent_starts_from_the_last_token()
    {
        await Run();
        await scheduler.Hear(ControlWords.Checkpoint(_task, 1, "agent-1", 1, "row 3"));
        await scheduler.Hear(ControlWords.Checkpoint(_task, 1, "agent-1", 2, "row 5"));
        await scheduler.Hear(ControlWords.Checkpoint(_task, 1, "agent-1", 1, "row 3")); // delivered again, late
        await scheduler.Hear(new ResourcesRevoked { TaskId = _task, Attempt = 1, AgentId = "agent-1", Code = "AGENT_SILENT" });

        var offer = await Offer(2, "agent-2");

        Assert.Equal("row 5", offer.ResumeToken);
    }

    [Fact]
    public async Task A_token_of_an_older_attempt_does_not_replace_that_of_a_newer_one()
    {
        await Run();
        await scheduler.Hear(ControlWords.Checkpoint(_task, 1, "agent-1", 9, "row 9"));
        await scheduler.Hear(new ResourcesRevoked { TaskId = _task, Attempt = 1, AgentId = "agent-1", Code = "AGENT_SILENT" });
        _ = await Offer(2, "agent-2");
        await scheduler.Hear(ControlWords.Checkpoint(_task, 2, "agent-2", 1, "row 11"));

        await scheduler.Hear(ControlWords.Checkpoint(_task, 1, "agent-1", 10, "row 10"));

        Assert.Equal("row 11", (await Saga()).Checkpoint);
    }

    [Fact]
    public async Task A_task_that_is_preempted_goes_on_from_its_checkpoint_and_after_three_times_keeps_its_room()
    {
        var asked = (await scheduler.Hear(new SubmitTask { TaskId = _task, TaskType = "data.analysis", Preemptible = true }))
            .OfType<AllocateResources>().Single();
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.True(asked.Placement?.Preemptible);
            await scheduler.Hear(new ResourcesAllocated { TaskId = _task, Attempt = attempt, AgentId = "agent-1", Resources = [] });
            await scheduler.Hear(new TaskAccepted { TaskId = _task, Attempt = attempt, AgentId = "agent-1" });
            var pause = (await scheduler.Hear(ControlWords.Preempt(_task, attempt, "agent-1"))).OfType<PauseTask>().Single();
            var said = await scheduler.Hear(Paused(pause.CommandId, "row " + attempt) with { Attempt = attempt });
            asked = said.OfType<AllocateResources>().Single();
            var queued = said.OfType<TaskTransitioned>().Single();
            Assert.Equal((TaskState.Queued, "PREEMPTED"), (queued.State, queued.Code));
            Assert.Contains("task urgent", queued.Reason, StringComparison.Ordinal);
            Assert.Empty(said.OfType<ControlAcknowledged>());
        }

        Assert.Null(asked.Placement);
        Assert.Equal("row 3", (await Offer(4, "agent-2")).ResumeToken);
    }

    [Fact]
    public async Task A_retry_after_a_failed_attempt_starts_from_the_last_token()
    {
        await Run();
        await scheduler.Hear(ControlWords.Checkpoint(_task, 1, "agent-1"));
        await scheduler.Hear(Failure(retryable: true));
        await scheduler.Hear(new TaskDue { SagaId = TaskKey.Of(_task), Now = (await Saga()).WakeAt!.Value });

        Assert.Equal("row 3", (await Offer(2, "agent-1")).ResumeToken);
    }

    [Fact]
    public async Task The_token_that_comes_with_the_agents_last_word_counts_even_if_a_checkpoint_comes_after_it()
    {
        await Run();
        await scheduler.Hear(new PauseTask { TaskId = _task, CommandId = "p" });
        await scheduler.Hear(Paused("p", "row 8"));
        await scheduler.Hear(ControlWords.Checkpoint(_task, 1, "agent-1", 7, "row 7"));
        await scheduler.Hear(new ResumeTask { TaskId = _task, CommandId = "r" });

        Assert.Equal("row 8", (await Offer(2, "agent-2")).ResumeToken);
    }

    [Fact]
    public async Task A_resume_may_name_another_checkpoint()
    {
        await Run();
        await scheduler.Hear(new PauseTask { TaskId = _task, CommandId = "p" });
        await scheduler.Hear(Paused("p", "row 8"));
        await scheduler.Hear(new ResumeTask { TaskId = _task, CommandId = "r", Checkpoint = "row 2" });

        Assert.Equal("row 2", (await Offer(2, "agent-2")).ResumeToken);
    }

    [Fact]
    public async Task A_kept_room_is_resumed_by_its_agent_from_its_token_in_the_same_attempt()
    {
        await Run();
        await scheduler.Hear(new PauseTask { TaskId = _task, CommandId = "p", KeepResources = true });
        await scheduler.Hear(Paused("p", "row 8"));

        var told = (await scheduler.Hear(new ResumeTask { TaskId = _task, CommandId = "r" })).OfType<ResumeTask>().Single();

        Assert.Equal((1, "row 8"), (told.Attempt, told.Checkpoint));
        Assert.True((await Saga()).HoldsRoom);
    }

    [Theory]
    [InlineData("queued")]
    [InlineData("held")]
    [InlineData("offered")]
    [InlineData("running")]
    [InlineData("running, kept")]
    [InlineData("input_required")]
    public async Task A_stopped_clock_gives_the_deadline_the_time_that_the_pause_took(string from)
    {
        var isKept = from == "running, kept";
        await (from is "queued" or "held" or "offered" ? scheduler.Hear(Submission()) : Run());
        if (from == "held") { await scheduler.Hear(new HoldTask { TaskId = _task, CommandId = "h" }); }
        if (from == "offered") { _ = await Offer(1, "agent-1"); }
        if (from == "input_required") { await scheduler.Hear(Question("colour")); }
        await scheduler.Hear(new PauseTask { TaskId = _task, CommandId = "p", ExtendDeadline = true, KeepResources = isKept });
        if (from.StartsWith("running", StringComparison.Ordinal)) { await scheduler.Hear(Paused("p", "row 8")); }
        Assert.Equal(("paused", null, null), ((await Saga()).State, (await Saga()).Deadline, (await Saga()).DueAt));
        scheduler.Clock.Advance(TimeSpan.FromHours(5));

        var said = await scheduler.Hear(new ResumeTask { TaskId = _task, CommandId = "r" });
        if (isKept) { said = await scheduler.Hear(new TaskAccepted { TaskId = _task, Attempt = 1, AgentId = "agent-1" }); }

        var deadline = (await Saga()).Deadline!.Value;
        Assert.Equal(1, (deadline - scheduler.Clock.GetUtcNow()).TotalHours, 5);
        Assert.Equal(deadline, said.OfType<TaskTransitioned>().Single().Amendment!.Deadline);
    }

    [Fact]
    public async Task An_answer_reaches_the_agent_that_asked_and_every_later_attempt()
    {
        await Run();
        await scheduler.Hear(Question("colour"));
        var told = (await scheduler.Hear(Input("i", "red"))).OfType<ProvideInput>().Single();
        await scheduler.Hear(new ResourcesRevoked { TaskId = _task, Attempt = 1, AgentId = "agent-1", Code = "AGENT_SILENT" });

        var offer = await Offer(2, "agent-2");

        Assert.Equal(("colour", 1), (told.Key, told.Attempt));
        Assert.Equal("red", offer.Inputs!.Value.GetProperty("colour").GetString());
    }

    [Fact]
    public async Task A_question_that_was_answered_is_answered_again_without_asking_anybody()
    {
        await Run();
        await scheduler.Hear(Question("colour"));
        await scheduler.Hear(Input("i", "red"));

        var said = await scheduler.Hear(Question("colour"));

        Assert.Equal("red", said.OfType<ProvideInput>().Single().Input.GetString());
        Assert.Equal("running", (await Saga()).State);
    }

    [Fact]
    public async Task A_question_travels_with_the_transition()
    {
        await Run();
        var step = (await scheduler.Hear(Question("colour"))).OfType<TaskTransitioned>().Single();
        Assert.Equal(("colour", TaskState.InputRequired), (step.Question!.Key, step.State));
        Assert.NotNull(step.Question.AskedAt);
    }

    [Fact]
    public async Task What_was_amended_is_what_the_next_attempt_asks_for_and_gets()
    {
        await scheduler.Hear(Submission());
        var later = scheduler.Clock.GetUtcNow().AddHours(9);
        var asked = (await scheduler.Hear(new AmendTask
        {
            TaskId = _task,
            CommandId = "a",
            Amendment = new TaskAmendment { Priority = 4, Deadline = later, Requirements = new Requirements { CpuCores = 3 } },
        })).OfType<AllocateResources>().Single();

        Assert.Equal((2, 4, later, 3), (asked.Attempt, asked.Priority, asked.Deadline, asked.Requirements.CpuCores));
        var offer = await Offer(2, "agent-1");
        Assert.Equal((4, later, 3), (offer.Priority, offer.Deadline, offer.Requirements!.CpuCores));
    }

    [Fact]
    public async Task A_retry_makes_one_new_task_per_command_with_the_same_time_to_do_it_in()
    {
        await Run();
        await scheduler.Hear(ControlWords.Checkpoint(_task, 1, "agent-1"));
        await scheduler.Hear(Failure(retryable: false));
        scheduler.Clock.Advance(TimeSpan.FromHours(2));

        var first = await scheduler.Hear(new RetryTask { TaskId = _task, CommandId = "r-1" });
        var again = await scheduler.Hear(new RetryTask { TaskId = _task, CommandId = "r-1" });
        var other = await scheduler.Hear(new ResumeTask { TaskId = _task, CommandId = "r-2" });

        var made = first.OfType<SubmitTask>().Single();
        Assert.Equal((_task, null), (made.ReplayOf, made.ResumeToken));
        Assert.Equal(1, (made.Deadline!.Value - scheduler.Clock.GetUtcNow()).TotalHours, 3);
        Assert.Empty(again.OfType<SubmitTask>());
        Assert.Equal(made.TaskId, again.OfType<ControlAcknowledged>().Single().NewTaskId);
        var resumed = other.OfType<SubmitTask>().Single();
        Assert.NotEqual(made.TaskId, resumed.TaskId);
        Assert.Equal("row 3", resumed.ResumeToken);
    }

    [Fact]
    public async Task A_replayed_task_offers_its_token_with_the_first_attempt()
    {
        await scheduler.Hear(Submission() with { ReplayOf = "earlier", ResumeToken = "row 40" });
        Assert.Equal("row 40", (await Offer(1, "agent-1")).ResumeToken);
    }

    [Fact]
    public async Task One_command_id_is_one_command()
    {
        await scheduler.Hear(Submission());
        await scheduler.Hear(new HoldTask { TaskId = _task, CommandId = "same" });
        var said = await scheduler.Hear(new CancelTask { TaskId = _task, CommandId = "same" });
        Assert.Equal("CONFLICT", said.OfType<ControlRejected>().Single().Reason);
        Assert.Equal("blocked", (await Saga()).State);
    }

    [Fact]
    public async Task Transitions_name_the_command_that_caused_them()
    {
        await Run();
        var asked = await scheduler.Hear(new PauseTask { TaskId = _task, CommandId = "p" });
        var done = await scheduler.Hear(Paused("p", "row 8"));
        Assert.Equal(["p", "p"], asked.Concat(done).OfType<TaskTransitioned>().Select(step => step.CommandId));
    }

    private async Task Run()
    {
        await scheduler.Hear(Submission());
        _ = await Offer(1, "agent-1");
        await scheduler.Hear(new TaskAccepted { TaskId = _task, Attempt = 1, AgentId = "agent-1" });
    }

    private async Task<OfferTask> Offer(int attempt, string agent) =>
        (await scheduler.Hear(new ResourcesAllocated { TaskId = _task, Attempt = attempt, AgentId = agent, Resources = [] }))
        .OfType<OfferTask>().Single();

    private async Task<TaskSaga> Saga() => (await scheduler.Find(_task))!;

    private SubmitTask Submission() =>
        new() { TaskId = _task, TaskType = "data.analysis", Deadline = scheduler.Clock.GetUtcNow().AddHours(1) };

    private ControlAcknowledged Paused(string command, string token) => new()
    {
        CommandId = command,
        Status = "applied",
        TaskId = _task,
        Attempt = 1,
        AgentId = "agent-1",
        ResumeToken = token,
        Number = 8,
    };

    private RequireInput Question(string key) => new()
    {
        TaskId = _task,
        Attempt = 1,
        AgentId = "agent-1",
        Question = new InputQuestion { Key = key, Question = "Which?" },
    };

    private ProvideInput Input(string command, string answer) =>
        new() { TaskId = _task, CommandId = command, Input = JsonSerializer.SerializeToElement(answer) };

    private TaskResult Failure(bool retryable) => new()
    {
        TaskId = _task,
        Attempt = 1,
        ExecutorAgentId = "agent-1",
        Status = TaskState.Failed,
        CompletedAt = scheduler.Clock.GetUtcNow(),
        Error = new TaskError { Code = "HANDLER_FAILED", Message = "it did not work", Retryable = retryable },
    };
}
