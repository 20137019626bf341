using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Scheduler.Groups;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>The words of the lifecycle table that groups and their members say: a group has two members, on agent-1 and agent-2.</summary>
internal static class GroupWords
{
    private static readonly string[] Agents = ["agent-1", "agent-2"];

    /// <summary>The message; null when it is none of these.</summary>
    public static object? Say(string hears, string taskId, int attempt, DateTimeOffset now)
    {
        var submit = new SubmitTask { TaskId = taskId, TaskType = "data.analysis", Deadline = now.AddHours(3) };
        var found = new AgentsFound { TaskId = taskId, Attempt = attempt, AgentIds = Agents };
        return hears switch
        {
            "task.submit to several agents" => submit with { Mode = TaskMode.Broadcast },
            "task.submit as a race" => submit with { Mode = TaskMode.Competitive },
            "task.submit as a member" => submit with { ParentTaskId = "parent-of-" + taskId, ResponderAgentId = "agent-1", AsMember = true },
            "resource.agents.found" => found,
            "resource.agents.found for an older attempt" => found with { Attempt = attempt - 1 },
            "resource.agents.found nobody" => found with { AgentIds = [], Code = "NO_AGENT_FOR_TYPE", Reason = "nobody is there" },
            "resource.agents.found nobody ever" => found with { AgentIds = [], Code = "INFEASIBLE", Reason = "all are small", IsFinal = true },
            "task.dependency.watch of its first member" => Asks(taskId, Agents[0], now),
            "task.dependency.watch of its last member" => Asks(taskId, Agents[1], now),
            "task.member.moved running" => Moved(taskId, Agents[0], TaskState.Running),
            "task.member.moved completed" => Moved(taskId, Agents[0], TaskState.Completed),
            "task.member.moved completed by the last" => Moved(taskId, Agents[1], TaskState.Completed),
            "task.member.moved failed" => Moved(taskId, Agents[0], TaskState.Failed),
            "task.member.moved failed by the last" => Moved(taskId, Agents[1], TaskState.Failed),
            "task.member.moved by a stranger" => Moved(taskId, "agent-9", TaskState.Completed),
            _ => null,
        };
    }

    /// <summary>Whether readers see a step although the state stays.</summary>
    public static bool IsToldWithoutMoving(string state, string hears) =>
        (state == "queued for several" && hears == "resource.agents.found nobody")
        || (state.StartsWith("running for several", StringComparison.Ordinal) && hears == "task.member.moved running")
        || (state is "running for several" && hears == "task.member.moved completed")
        || (state is "running as a race" && hears == "task.member.moved failed");

    private static MemberMoved Moved(string taskId, string agent, TaskState state) => new()
    {
        TaskId = taskId,
        MemberId = GroupVerdicts.MemberId(taskId, agent),
        State = state,
        Result = state == TaskState.Completed ? JsonSerializer.SerializeToElement(new { rows = 3 }) : null,
        Error = state == TaskState.Failed ? new TaskError { Code = "HANDLER_FAILED", Message = "it did not work" } : null,
    };

    private static WatchDependency Asks(string taskId, string agent, DateTimeOffset now) =>
        new() { TaskId = taskId, DependentId = GroupVerdicts.MemberId(taskId, agent), WaitingSince = now, AsChild = true };
}
