using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Scheduler.Control;

/// <summary>The commands of one task and their answers. Pure; every command in it ends with exactly one final answer.</summary>
public static class CommandLedger
{
    /// <summary>Commands that are remembered; the oldest answered ones are forgotten first.</summary>
    public const int NotesMax = 100;

    /// <summary>The command with this id, if it came before.</summary>
    public static CommandNote? Find(IReadOnlyList<CommandNote> notes, string id) => notes.FirstOrDefault(note => note.Id == id);

    /// <summary>With one more.</summary>
    public static IReadOnlyList<CommandNote> With(IReadOnlyList<CommandNote> notes, CommandNote note)
    {
        ArgumentNullException.ThrowIfNull(notes);
        var all = notes.Append(note).ToList();
        var answered = all.Count > NotesMax ? all.FindIndex(old => old.Status != CommandStatus.Accepted) : -1;
        if (answered >= 0) { all.RemoveAt(answered); }
        return all;
    }

    /// <summary>With the note of the same id replaced.</summary>
    public static IReadOnlyList<CommandNote> Replace(IReadOnlyList<CommandNote> notes, CommandNote note) =>
        [.. notes.Select(old => old.Id == note.Id ? note : old)];

    /// <summary>The pauses that the agent has not carried out yet.</summary>
    public static IEnumerable<CommandNote> OpenPauses(IReadOnlyList<CommandNote> notes) =>
        notes.Where(note => note is { Name: "pause", Status: CommandStatus.Accepted });

    /// <summary>What the ResourceManager asks of a running task: it is written down among the commands, and answered to nobody.</summary>
    public const string Preempt = "preempt";

    /// <summary>How often a task has been preempted, as far as its commands are remembered.</summary>
    public static int Preemptions(IReadOnlyList<CommandNote> notes) =>
        notes.Count(note => note is { Name: Preempt, Status: not CommandStatus.Rejected });

    /// <summary>
    /// The final answer of a command that is under way, once the task has come here; null while that is open. What the agent was asked for
    /// either shows in the state, or it will never happen.
    /// </summary>
    /// <param name="note">The command.</param>
    /// <param name="state">Where the task is now.</param>
    /// <param name="phase">What is under way there.</param>
    /// <param name="cause">The code of the step that led there.</param>
    public static CommandNote? Settle(CommandNote note, TaskState state, TaskPhase phase, string? cause)
    {
        ArgumentNullException.ThrowIfNull(note);
        return (note.Name, state, phase) switch
        {
            ("pause" or Preempt, _, TaskPhase.Pausing) or ("resume", _, TaskPhase.Resuming) or ("cancel", _, TaskPhase.Cancelling) => null,
            ("pause", TaskState.Paused, _) => note with { Status = CommandStatus.Applied, Code = cause == PausedByRequest ? null : cause },
            (Preempt, TaskState.Queued or TaskState.Paused, _) => note with { Status = CommandStatus.Applied },
            ("resume", TaskState.Running or TaskState.Queued, _) => note with { Status = CommandStatus.Applied },
            ("cancel", TaskState.Cancelled, _) => note with { Status = CommandStatus.Applied },
            ("cancel", _, _) => Reject(note, ErrorKind.NotCancelable, state, $"the task is {state.Word()}"),
            ("pause" or Preempt, TaskState.Running, TaskPhase.None) =>
                Reject(note, ErrorKind.Timeout, state, "the agent did not confirm the command in time; the task goes on running"),
            (_, _, TaskPhase.Cancelling) => Reject(note, ErrorKind.Conflict, state, "the task is being cancelled"),
            _ => Reject(note, ErrorKind.Conflict, state, $"the task is {state.Word()}"),
        };
    }

    /// <summary>Cause of a pause that went as it should.</summary>
    public const string PausedByRequest = "PAUSED_BY_REQUEST";

    private static CommandNote Reject(CommandNote note, ErrorKind kind, TaskState state, string detail) =>
        note with { Status = CommandStatus.Rejected, Code = kind.Code, Detail = detail, State = state };
}
