using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Control;

/// <summary>What all commands have in common, whatever else they carry.</summary>
/// <param name="Name">What the command is.</param>
/// <param name="Id">Its own id.</param>
/// <param name="TaskId">The task.</param>
/// <param name="IfSequence">The step after which it may have taken none.</param>
public readonly record struct CommandFacts(string Name, string Id, string TaskId, long? IfSequence)
{
    /// <summary>The facts of a command.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
    public static CommandFacts Of(object command) => command switch
    {
        PauseTask pause => new("pause", pause.CommandId, pause.TaskId, pause.IfSequence),
        ResumeTask resume => new("resume", resume.CommandId, resume.TaskId, resume.IfSequence),
        CancelTask cancel => new("cancel", cancel.CommandId, cancel.TaskId, cancel.IfSequence),
        HoldTask hold => new("hold", hold.CommandId, hold.TaskId, hold.IfSequence),
        ReleaseTask release => new("release", release.CommandId, release.TaskId, release.IfSequence),
        RequeueTask requeue => new("requeue", requeue.CommandId, requeue.TaskId, requeue.IfSequence),
        RetryTask retry => new("retry", retry.CommandId, retry.TaskId, retry.IfSequence),
        AmendTask amend => new("amend", amend.CommandId, amend.TaskId, amend.IfSequence),
        ProvideInput input => new("input", input.CommandId, input.TaskId, input.IfSequence),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "not a command"),
    };
}
