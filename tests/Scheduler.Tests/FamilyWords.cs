using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>The words of the lifecycle table that parents and children say.</summary>
internal static class FamilyWords
{
    /// <summary>The message; null when it is none of these.</summary>
    public static object? Say(string hears, string taskId, TaskSaga? saga, DateTimeOffset now)
    {
        var parent = "parent-of-" + taskId;
        var answer = new DependencySettled { TaskId = taskId, DependencyId = parent };
        return hears switch
        {
            "task.submit as a child" =>
                new SubmitTask { TaskId = taskId, TaskType = "data.analysis", Deadline = now.AddHours(3), ParentTaskId = parent },
            "task.submit of its parent" => new SubmitTask { TaskId = parent, TaskType = "data.analysis", Deadline = now.AddHours(3) },
            "resource.allocated to its parent" => new ResourcesAllocated { TaskId = parent, Attempt = 1, AgentId = "agent-9", Resources = [] },
            "task.dependency.watch of a child" => Watch(taskId, "child-of-" + taskId, now) with { AsChild = true },
            "task.dependency.watch of an agent" =>
                Watch(taskId, parent, now) with { AgentId = "agent-9", Attempt = 1, Outputs = [""] },
            "task.dependency.watch about a grandchild" => Watch(taskId, "grandchild-of-" + taskId, now) with
            {
                AsChild = true,
                Admission = new DependencySettled { TaskId = "grandchild-of-" + taskId, DependencyId = "child-of-" + taskId, Depth = 2, RootId = taskId },
            },
            "task.dependency.settled that takes it in" => answer with { Depth = 1, RootId = parent },
            "task.dependency.settled that refuses it" => answer with { Detail = "its parent has ended" },
            "task.control.cancel that spares children" =>
                new CancelTask { TaskId = taskId, CommandId = "command-1", Cascade = false },
            "its parent is silent for too long" => new TaskDue { SagaId = TaskKey.Of(taskId), Now = saga!.CreatedAt.AddHours(1) },
            _ => null,
        };
    }

    private static WatchDependency Watch(string taskId, string dependent, DateTimeOffset now) =>
        new() { TaskId = taskId, DependentId = dependent, WaitingSince = now };
}
