using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Control;

/// <summary>What all commands have in common, whatever else they carry.</summary>
/// <param name="Name">What the command is.</param>
/// <param name="Id">Its own id.</param>
/// <param name="TaskId">The task.</param>
public readonly record struct CommandFacts(string Name, string Id, string TaskId)
{
    /// <summary>The facts of a command.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
    public static CommandFacts Of(object command) => command switch
    {
        PauseTask pause => new("pause", pause.CommandId, pause.TaskId),
        ResumeTask resume => new("resume", resume.CommandId, resume.TaskId),
        CancelTask cancel => new("cancel", cancel.CommandId, cancel.TaskId),
        HoldTask hold => new("hold", hold.CommandId, hold.TaskId),
        ReleaseTask release => new("release", release.CommandId, release.TaskId),
        RequeueTask requeue => new("requeue", requeue.CommandId, requeue.TaskId),
        RetryTask retry => new("retry", retry.CommandId, retry.TaskId),
        AmendTask amend => new("amend", amend.CommandId, amend.TaskId),
        ProvideInput input => new("input", input.CommandId, input.TaskId),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "not a command"),
    };
}
