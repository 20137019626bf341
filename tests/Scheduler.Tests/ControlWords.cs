using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Commands, checkpoints and questions by the names that docs/task-lifecycle.md gives them.</summary>
internal static class ControlWords
{
    public static object? Say(string hears, string taskId, int attempt, string holder, string other, DateTimeOffset now) => hears switch
    {
        "task.control.pause" => new PauseTask { TaskId = taskId, CommandId = "pause-1", Reason = "lunch" },
        "another task.control.pause" => new PauseTask { TaskId = taskId, CommandId = "pause-2" },
        "task.control.pause after the resume" => new PauseTask { TaskId = taskId, CommandId = "pause-3" },
        "task.control.pause that keeps its room" => new PauseTask { TaskId = taskId, CommandId = "pause-1", KeepResources = true },
        "task.control.resume" => new ResumeTask { TaskId = taskId, CommandId = "resume-1" },
        "another task.control.resume" => new ResumeTask { TaskId = taskId, CommandId = "resume-2" },
        "task.control.resume from a checkpoint" => new ResumeTask { TaskId = taskId, CommandId = "resume-3", Checkpoint = "row 7" },
        "task.control.hold" => new HoldTask { TaskId = taskId, CommandId = "hold-1" },
        "another task.control.hold" => new HoldTask { TaskId = taskId, CommandId = "hold-2" },
        "task.control.release" => new ReleaseTask { TaskId = taskId, CommandId = "release-1" },
        "task.control.requeue" => new RequeueTask { TaskId = taskId, CommandId = "requeue-1" },
        "task.control.retry" => new RetryTask { TaskId = taskId, CommandId = "retry-1" },
        "task.control.amend priority" => Amend(taskId, new TaskAmendment { Priority = 4 }),
        "task.control.amend metadata" => Amend(taskId, new TaskAmendment { Metadata = JsonSerializer.SerializeToElement(new { a = 1 }) }),
        "task.control.amend a deadline that has passed" => Amend(taskId, new TaskAmendment { Deadline = now.AddHours(-1) }),
        "task.control.input" => Input(taskId, null),
        "task.control.input for another question" => Input(taskId, "size"),
        "task.control.ack that the agent has heard" => Ack(taskId, attempt, holder, "accepted"),
        "task.control.ack that the agent has paused" => Ack(taskId, attempt, holder, "applied") with { ResumeToken = "row 5" },
        "resource.allocated on another agent" => new ResourcesAllocated { TaskId = taskId, Attempt = attempt, AgentId = other, Resources = [] },
        "resource.preempt" => Preempt(taskId, attempt, holder),
        "resource.preempt for an older attempt" => Preempt(taskId, attempt - 1, holder),
        "task.control.ack that the agent makes room" => Ack(taskId, attempt, holder, "accepted") with { CommandId = $"preempt {attempt}" },
        "task.control.ack that the agent has made room" =>
            Ack(taskId, attempt, holder, "applied") with { CommandId = $"preempt {attempt}", ResumeToken = "row 5" },
        "task.input_required" => Question(taskId, attempt, holder, "colour"),
        "another task.input_required" => Question(taskId, attempt, holder, "size"),
        "task.input_required from another agent" => Question(taskId, attempt, other, "colour"),
        "task.checkpoint" => Checkpoint(taskId, attempt, holder),
        "task.checkpoint of an older attempt" => Checkpoint(taskId, attempt - 1, holder),
        _ => null,
    };

    public static TaskCheckpoint Checkpoint(string taskId, int attempt, string agent, int number = 1, string token = "row 3") =>
        new() { TaskId = taskId, Attempt = attempt, AgentId = agent, Number = number, ResumeToken = token };

    public static PreemptAttempt Preempt(string taskId, int attempt, string agent) => new()
    {
        TaskId = taskId,
        Attempt = attempt,
        AgentId = agent,
        ForTaskId = "urgent",
        Reason = "makes room for task urgent, which is of a higher priority",
    };

    private static AmendTask Amend(string taskId, TaskAmendment amendment) =>
        new() { TaskId = taskId, CommandId = "amend-1", Amendment = amendment };

    private static ProvideInput Input(string taskId, string? key) =>
        new() { TaskId = taskId, CommandId = "input-1", Key = key, Input = JsonSerializer.SerializeToElement("red") };

    private static ControlAcknowledged Ack(string taskId, int attempt, string agent, string status) =>
        new() { CommandId = "pause-1", Status = status, TaskId = taskId, Attempt = attempt, AgentId = agent };

    private static RequireInput Question(string taskId, int attempt, string agent, string key) => new()
    {
        TaskId = taskId,
        Attempt = attempt,
        AgentId = agent,
        Question = new InputQuestion { Key = key, Question = $"Which {key}?" },
    };
}
