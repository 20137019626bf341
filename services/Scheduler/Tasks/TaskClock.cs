using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>Time that counts from when a task may start.</summary>
public static class TaskClock
{
    /// <summary>With its first place in the line a timeout becomes the deadline, once; a deadline that was amended before that wins.</summary>
    public static void Start(TaskSaga saga, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(saga);
        if (saga.Task.TimeoutS is null || saga.Deadline is not null || saga.Asked.TimeoutS is not { } seconds) { return; }
        saga.Deadline = TaskSteps.WholeMilliseconds(now.AddSeconds(seconds));
        saga.Cause = saga.Cause with { Amendment = (saga.Cause.Amendment ?? new TaskAmendment()) with { Deadline = saga.Deadline } };
    }
}
