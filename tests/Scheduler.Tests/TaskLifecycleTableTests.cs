using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Control;
using A2A.Micro.Scheduler.Tasks;
using MassTransit;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Plays docs/task-lifecycle.md row by row.</summary>
public sealed class TaskLifecycleTableTests(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    private const string Agent = "agent-1", Other = "agent-2";

    public static TheoryData<string, string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string, string>();
        foreach (var cells in LifecycleTable.Read()) { rows.Add(cells[0], cells[1], cells[2], cells[3]); }
        return rows;
    }

    [Theory, MemberData(nameof(Rows))]
    public async Task A_task_in(string state, string hears, string goesTo, string says)
    {
        var life = new Life(scheduler);
        await life.Reach(state);

        var said = await scheduler.Hear(await life.Message(hears));

        var saga = await scheduler.Find(life.TaskId);
        Assert.Equal(goesTo, Where(saga));
        Assert.Equal(Words(says), said.Where(message => message is not TaskTransitioned).Select(WireName).Order());
        Assert.Equal(Steps(state, hears, goesTo, says), said.Count(message => message is TaskTransitioned));
    }

    [Fact]
    public async Task Transitions_are_numbered_densely_from_one()
    {
        var life = new Life(scheduler);
        var numbers = new List<long>();
        await life.Reach("running", said => numbers.AddRange(said.OfType<TaskTransitioned>().Select(t => t.Sequence)));
        numbers.AddRange((await scheduler.Hear(await life.Message("task.result completed"))).OfType<TaskTransitioned>().Select(t => t.Sequence));

        Assert.Equal(Enumerable.Range(1, 5).Select(n => (long)n), numbers);
    }

    [Fact]
    public async Task A_result_instead_of_an_acceptance_says_that_the_task_ran()
    {
        var life = new Life(scheduler);
        await life.Reach("offered");

        var said = await scheduler.Hear(await life.Message("task.result completed"));

        Assert.Equal([TaskState.Running, TaskState.Completed], said.OfType<TaskTransitioned>().OrderBy(t => t.Sequence).Select(t => t.State));
    }

    [Fact]
    public async Task A_task_rejected_by_all_ends_rejected_with_every_reason()
    {
        var life = new Life(scheduler);
        await life.Reach("offered");
        var asked = (await scheduler.Hear(await life.Message("task.rejected UNSUPPORTED_TASK_TYPE"))).OfType<AllocateResources>().Single();
        Assert.Equal([Agent], asked.ExcludedAgents);

        var said = await scheduler.Hear(await life.Message("resource.denied"));

        var end = said.OfType<TaskTransitioned>().Single();
        Assert.Equal(TaskState.Rejected, end.State);
        Assert.Contains(end.Error!.Details!, line => line.Contains("UNSUPPORTED_TASK_TYPE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_handler_that_keeps_failing_uses_up_its_attempts_and_then_the_task_fails()
    {
        var life = new Life(scheduler);
        await life.Reach("running");
        for (var attempt = 1; attempt < 3; attempt++)
        {
            _ = await scheduler.Hear(await life.Message("task.result failed for now"));
            _ = await scheduler.Hear(await life.Message("the back-off ends"));
            Assert.Equal("queued", (await scheduler.Find(life.TaskId))!.State);
            _ = await scheduler.Hear(await life.Message("resource.allocated"));
        }

        _ = await scheduler.Hear(await life.Message("task.result failed for now"));

        var saga = await scheduler.Find(life.TaskId);
        Assert.Equal("failed", saga!.State);
        Assert.Equal(3, saga.Attempt);
    }

    [Fact]
    public async Task Losing_agents_does_not_use_up_attempts_but_has_a_cap_of_its_own()
    {
        var life = new Life(scheduler);
        await life.Reach("running");
        for (var loss = 0; loss < 10; loss++)
        {
            _ = await scheduler.Hear(await life.Message("resource.revoked"));
            Assert.Equal("queued", (await scheduler.Find(life.TaskId))!.State);
            _ = await scheduler.Hear(await life.Message("resource.allocated"));
        }

        _ = await scheduler.Hear(await life.Message("resource.revoked"));

        var saga = await scheduler.Find(life.TaskId);
        Assert.Equal("failed", saga!.State);
        Assert.Equal(0, saga.Failures);
    }

    // A new task is numbered as submitted first; a reason for waiting is a step that readers see without a change of state.
    private static int Steps(string state, string hears, string goesTo, string says) => (state, hears, goesTo) switch
    {
        (_, "task.control.ack that the agent has heard" or "task.control.ack that the agent makes room", _) => 0,
        ("running/making room", "task.control.pause", _) => 0,
        ("blocked and held" or "blocked and paused", _, _) => hears.StartsWith("task.dependency", StringComparison.Ordinal) ? 0 : 1,
        ("blocked until its time", "task.dependency.settled completed", _) => 1,
        ("blocked or held", _, _) => 1,
        (_, _, "awaited") => 0,
        ("new" or "awaited" or "awaited for a child", _, _) when goesTo != state => 2,
        // It runs on the way.
        ("offered" or "offered as a member", "task.result completed" or "task.result failed for now" or "task.result failed for good", _) => 2,
        _ when state == goesTo || state.Split(' ')[0] == goesTo => IsToldWithoutMoving(state, hears, says) ? 1 : 0,
        _ => 1,
    };

    private static bool IsToldWithoutMoving(string state, string hears, string says) =>
        (state == "queued" && hears is "resource.waiting" or "resource.revoked")
        || hears == "another task.input_required"
        || GroupWords.IsToldWithoutMoving(state, hears)
        || (hears.Contains("control.amend", StringComparison.Ordinal) && says.Contains("control.ack", StringComparison.Ordinal))
        || (state is "queued" or "queued for several" && hears == "task.control.requeue");

    private static string Where(TaskSaga? saga) => saga switch
    {
        null => "new",
        { Phase: "pausing" } when MakesRoom(saga) =>
            "running/making room" + (saga.Commands.Any(note => note is { Name: "preempt", Reached: true }) ? ", heard" : ""),
        { Phase: "pausing" } when saga.Commands.Any(note => note is { Name: "pause", Reached: true }) => "running/pausing, heard",
        { Phase.Length: > 0 } => $"{saga.State}/{saga.Phase}",
        { State: "blocked", Held: true } => "blocked/held",
        { State: "paused", KeepsRoom: true } => "paused/kept",
        { State: "input_required", AgentId: null } => "input_required/alone",
        { State: "running" } when saga.Commands.Any(note => note.Code == "COM001") => "running, pause given up",
        _ => saga.State,
    };

    private static bool MakesRoom(TaskSaga saga) =>
        saga.Commands.Where(note => note.Status == CommandStatus.Accepted).Select(note => note.Name).SequenceEqual(["preempt"]);

    private static IEnumerable<string> Words(string says) =>
        says.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order();

    private static string WireName(object message) => MessageUrn.ForTypeString(message.GetType())["a2a:".Length..];

    /// <summary>One task on its way through the table.</summary>
    private sealed class Life(RunningScheduler scheduler)
    {
        private static int _count;

        public string TaskId { get; } = $"task-{Interlocked.Increment(ref _count)}";

        public async Task Reach(string state, Action<IReadOnlyList<object>>? see = null)
        {
            foreach (var step in LifecycleWays.To(state))
            {
                var said = await scheduler.Hear(await Message(step));
                see?.Invoke(said);
            }
        }

        public async Task<object> Message(string hears)
        {
            var saga = await scheduler.Find(TaskId);
            var attempt = saga?.Attempt ?? 1;
            var holder = saga?.AgentId ?? Agent;
            var now = scheduler.Clock.GetUtcNow();
            return hears switch
            {
                "task.submit" => Submission(now.AddHours(1)),
                "task.submit that breaks the rules" => Submission(now.AddHours(-1)),
                "task.submit for later" => Submission(now.AddHours(1)) with { NotBefore = now.AddMinutes(10) },
                "task.submit that waits for another" => Waiting(new Dependency { TaskId = DependencyId }),
                "task.submit that waits for another and its time" =>
                    Waiting(new Dependency { TaskId = DependencyId }) with { NotBefore = now.AddMinutes(10) },
                "task.submit that waits for a part" => Waiting(
                    new Dependency { TaskId = DependencyId, Map = new Dictionary<string, string> { ["/rows"] = "/count" } }),
                "task.submit that waits or is skipped" => Waiting(
                    new Dependency { TaskId = DependencyId, OnUnsatisfied = UnsatisfiedPolicy.Skip }),
                "task.submit that waits or is released" => Waiting(
                    new Dependency { TaskId = DependencyId, OnUnsatisfied = UnsatisfiedPolicy.Release }),
                "task.submit that waits or is held" => Waiting(
                    new Dependency { TaskId = DependencyId, OnUnsatisfied = UnsatisfiedPolicy.Hold }),
                "task.submit that closes a cycle" => await Cycle(),
                "task.dependency.watch" => Watch(),
                "task.dependency.watch until started" => Watch() with { UntilStarted = true },
                "task.dependency.settled completed" => Settled(TaskState.Completed),
                "task.dependency.settled failed" => Settled(TaskState.Failed),
                "task.dependency.settled of nobody" => Settled(null),
                "task.dependency.settled by a stranger" => Settled(TaskState.Completed) with { DependencyId = "stranger" },
                "task.dependency.settled with the part" => Settled(TaskState.Completed) with
                {
                    Outputs = new Dictionary<string, JsonElement> { ["/rows"] = JsonSerializer.SerializeToElement(3) },
                },
                "task.dependency.settled without the part" => Settled(TaskState.Completed) with { Outputs = new Dictionary<string, JsonElement>() },
                "resource.allocated" => Allocated(attempt),
                "resource.allocated for an older attempt" => Allocated(attempt - 1),
                "resource.waiting" => Waiting(attempt),
                "resource.waiting for an older attempt" => Waiting(attempt - 1),
                "resource.denied" => Denied(attempt),
                "resource.denied for an older attempt" => Denied(attempt - 1),
                "resource.revoked" => Revoked(attempt, holder),
                "resource.revoked for an older attempt" => Revoked(attempt - 1, holder),
                "task.accepted" => new TaskAccepted { TaskId = TaskId, Attempt = attempt, AgentId = holder },
                "task.accepted from another agent" => new TaskAccepted { TaskId = TaskId, Attempt = attempt, AgentId = Other },
                "task.accepted of an older attempt" => new TaskAccepted { TaskId = TaskId, Attempt = attempt - 1, AgentId = holder },
                "task.rejected of an older attempt" => Rejection(attempt - 1, RejectionReason.CapacityExceeded, holder),
                "task.result completed" => Result(attempt, holder, TaskState.Completed),
                "task.result completed by another agent" => Result(attempt, Other, TaskState.Completed),
                "task.result completed in an older attempt" => Result(attempt - 1, holder, TaskState.Completed),
                "task.result failed for now" => Result(attempt, holder, TaskState.Failed, "HANDLER_FAILED", retryable: true),
                "task.result failed for good" => Result(attempt, holder, TaskState.Failed, "HANDLER_FAILED"),
                "task.result failed at its deadline" => Result(attempt, holder, TaskState.Failed, "DEADLINE_EXCEEDED"),
                "task.control.cancel" => Cancel("command-1"),
                "another task.control.cancel" => Cancel("command-2"),
                "task.control.ack from the holder" => Stopped(attempt, holder),
                "task.control.ack from another agent" => Stopped(attempt, Other),
                _ when FamilyWords.Say(hears, TaskId, saga, now) is { } word => word,
                _ when GroupWords.Say(hears, TaskId, attempt, now) is { } word => word,
                _ when ControlWords.Say(hears, TaskId, attempt, holder, Other, now) is { } word => word,
                "the deadline passes" => Due(saga!.Deadline!.Value),
                "the offer stays unanswered" or "the back-off ends" or "the grace time ends" or "the agent stays silent" or "patience ends"
                    or "it is time to ask again" or "nobody answers" or "its time comes" => Due(saga!.WakeAt!.Value),
                "a wake-up too early" => Due(now),
                _ when hears.StartsWith("task.rejected ", StringComparison.Ordinal) =>
                    Rejection(attempt, WireWord.Parse<RejectionReason>(hears["task.rejected ".Length..]), holder),
                _ => throw new InvalidOperationException($"the test does not know how to say '{hears}'"),
            };
        }

        private SubmitTask Submission(DateTimeOffset deadline) =>
            new() { TaskId = TaskId, TaskType = "data.analysis", Deadline = deadline };

        private string DependencyId => "dependency-of-" + TaskId;

        private string DependentId => "dependent-of-" + TaskId;

        private SubmitTask Waiting(Dependency dependency) =>
            Submission(scheduler.Clock.GetUtcNow().AddHours(3)) with { Dependencies = [dependency] };

        private async Task<SubmitTask> Cycle()
        {
            _ = await scheduler.Hear(
                new SubmitTask { TaskId = DependentId, TaskType = "data.analysis", Dependencies = [new Dependency { TaskId = TaskId }] });
            return Waiting(new Dependency { TaskId = DependentId });
        }

        private WatchDependency Watch() =>
            new() { TaskId = TaskId, DependentId = DependentId, WaitingSince = scheduler.Clock.GetUtcNow() };

        private DependencySettled Settled(TaskState? state) =>
            new() { TaskId = TaskId, DependencyId = DependencyId, State = state, HasStarted = state is not null };

        private ResourcesAllocated Allocated(int attempt) =>
            new() { TaskId = TaskId, Attempt = attempt, AgentId = Agent, Resources = [] };

        private ResourcesWaiting Waiting(int attempt) =>
            new() { TaskId = TaskId, Attempt = attempt, Code = "NO_AGENT_FOR_TYPE", Reason = "no agent handles data.analysis" };

        private ResourcesDenied Denied(int attempt) =>
            new() { TaskId = TaskId, Attempt = attempt, Code = "EXCLUDED", Reason = "every agent rejected it" };

        private ResourcesRevoked Revoked(int attempt, string agent) =>
            new() { TaskId = TaskId, Attempt = attempt, AgentId = agent, Code = "AGENT_SILENT" };

        private TaskRejected Rejection(int attempt, RejectionReason code, string agent) =>
            new() { TaskId = TaskId, Attempt = attempt, AgentId = agent, Code = code };

        private TaskResult Result(int attempt, string agent, TaskState status, string? code = null, bool retryable = false) => new()
        {
            TaskId = TaskId,
            Attempt = attempt,
            ExecutorAgentId = agent,
            Status = status,
            CompletedAt = scheduler.Clock.GetUtcNow(),
            Result = status == TaskState.Completed ? JsonSerializer.SerializeToElement(new { rows = 3 }) : null,
            Error = code is null ? null : new TaskError { Code = code, Message = "it did not work", Retryable = retryable },
        };

        private CancelTask Cancel(string command) => new() { TaskId = TaskId, CommandId = command, Reason = "not needed" };

        private ControlAcknowledged Stopped(int attempt, string agent) =>
            new() { TaskId = TaskId, CommandId = "command-1", Status = "applied", Attempt = attempt, AgentId = agent };

        private TaskDue Due(DateTimeOffset now) => new() { SagaId = TaskKey.Of(TaskId), Now = now };
    }
}
